import type { Millis } from '../base/time.ts';

/** Samples whose group has not yet said when it started: it does so after them. */
export class PendingSamples {
  private readonly ids: number[] = [];
  private readonly groups: number[] = [];
  private readonly values: number[] = [];
  private readonly moments: Millis[] = [];

  add(id: number, group: number, value: number, at: Millis): void {
    this.ids.push(id);
    this.groups.push(group);
    this.values.push(value);
    this.moments.push(at);
  }

  /** Gives out all of them, in their order. */
  release(give: (id: number, group: number, value: number, at: Millis) => void): void {
    for (const [index, id] of this.ids.entries()) give(id, this.groups[index] ?? 0, this.values[index] ?? 0, this.moments[index] ?? 0);
    for (const list of [this.ids, this.groups, this.values, this.moments]) list.length = 0;
  }
}
