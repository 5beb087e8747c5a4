import { type Labels, NAME, sortedNames } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { KnownLines } from './known-lines.ts';

/** The series that started at one moment: those of a counter, a histogram or a summary with the same labels. */
export interface StartGroup {
  readonly key: string;
  /** Whether the series is the one that says when (`x_created`). */
  readonly isCreated: boolean;
}

const SUFFIXES: ReadonlyMap<string, readonly string[]> = new Map([
  ['counter', ['_total', '_created']],
  ['histogram', ['_bucket', '_sum', '_count', '_created']],
  ['summary', ['_sum', '_count', '_created', '']],
]);
const MOST_GROUPS = 500_000;

/** To which group a series of OpenMetrics belongs; null: to none, because nothing of its family says when it started. */
export function startGroupOf(labels: Labels, family: { readonly name: string; readonly type: string }): StartGroup | null {
  const name = labels[NAME] ?? '';
  const suffix = SUFFIXES.get(family.type)?.find((one) => name === `${family.name}${one}`);
  if (suffix === undefined) return null;
  const others = sortedNames(labels).filter((label) => label !== NAME && label !== 'le' && label !== 'quantile');
  return { key: JSON.stringify([family.name, ...others.flatMap((label) => [label, labels[label]])]), isCreated: suffix === '_created' };
}

/** The groups of a target that say when they started, and what they said last. */
export class StartGroups {
  private readonly numbers = new Map<string, number>();
  /** Those of the family that is read, of which nobody knows whether they will say it. */
  private readonly opened = new Map<string, number>();
  private readonly starts: Millis[] = [0];
  private readonly scrapes: number[] = [0];
  private next = 1;

  /** The number of a group; 0: there are too many. */
  open(key: string): number {
    const known = this.numbers.get(key) ?? this.opened.get(key);
    if (known !== undefined) return known;
    if (this.numbers.size >= MOST_GROUPS) return 0;
    const number = this.next;
    this.next += 1;
    this.opened.set(key, number);
    return number;
  }

  /** The group says that it started then. */
  say(number: number, start: Millis, scrape: number): void {
    this.starts[number] = start;
    this.scrapes[number] = scrape;
  }

  /** When the group started, as said in this scrape; 0: nothing was said. */
  startIn(number: number, scrape: number): Millis {
    return this.scrapes[number] === scrape ? (this.starts[number] ?? 0) : 0;
  }

  /** Did the group ever say it? */
  hasSaid(number: number): boolean {
    return (this.scrapes[number] ?? 0) > 0;
  }

  /** The family is at its end: what has said nothing will not. */
  endFamily(): void {
    for (const [key, number] of this.opened) if (this.hasSaid(number)) this.numbers.set(key, number);
    this.opened.clear();
  }

  /** Forgets all groups but those of these lines. */
  keep(lines: KnownLines): void {
    const used = new Set<number>();
    for (let id = 0; id < lines.count; id += 1) used.add(Math.abs(lines.group(id)));
    for (const [key, number] of this.numbers) if (!used.has(number)) this.numbers.delete(key);
  }
}
