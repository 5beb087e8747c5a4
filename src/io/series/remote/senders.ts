import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteWriteTarget } from '../../../core/series/remote-write-target.ts';
import type { Encoding } from '../journal-record.ts';
import { Forwarding } from './forward-body.ts';
import { Sender, type SenderDoors, type SenderState } from './sender.ts';

/** All servers that get what is stored as well; they follow the configuration. */
export class Senders {
  private readonly folder: string;
  private readonly doors: SenderDoors;
  private readonly forwarding = new Forwarding();
  private senders: readonly Sender[] = [];

  constructor(folder: string, doors: SenderDoors) {
    this.folder = folder;
    this.doors = doors;
  }

  /** Begins, changes and ends senders; the queue of one that is no longer configured is removed. */
  async apply(targets: readonly RemoteWriteTarget[]): Promise<void> {
    const kept: Sender[] = [];
    const ended: Sender[] = [];
    for (const sender of this.senders) {
      const same = targets.some((target) => describe(target) === describe(sender.target));
      (same ? kept : ended).push(sender);
    }
    this.senders = kept;
    for (const sender of ended) {
      await sender.close();
      if (!targets.some(({ name }) => name === sender.target.name))
        rmSync(join(this.folder, sender.target.name), { recursive: true, force: true });
    }
    for (const target of targets) {
      if (kept.some((sender) => sender.target.name === target.name)) continue;
      const sender = new Sender(join(this.folder, target.name), target, this.doors);
      await sender.open();
      this.senders = [...this.senders, sender];
    }
  }

  get isEmpty(): boolean {
    return this.senders.length === 0;
  }

  /** Queues a request that was stored. Resolves when it is in every queue. */
  async send(body: Uint8Array, encoding: Encoding, protocol: 1 | 2): Promise<void> {
    const { senders } = this;
    if (senders.length === 0) return;
    const forwarded = this.forwarding.convert({ body, encoding, protocol });
    if ('problem' in forwarded) return;
    // Before anything is waited for: the batch is used again by the next request.
    const prepared = senders.map((sender) => ({ sender, payload: sender.prepare(this.forwarding.batch, forwarded.payload) }));
    for (const { sender, payload } of prepared) if (payload !== null) await sender.queue(payload);
  }

  describe(): readonly SenderState[] {
    return this.senders.map((sender) => sender.describe());
  }

  async close(): Promise<void> {
    await Promise.all(this.senders.map((sender) => sender.close()));
    this.senders = [];
  }
}

/** Everything that matters of a target, to see whether it changed. */
function describe({ source: _source, headers, ...target }: RemoteWriteTarget): string {
  return JSON.stringify([target, [...headers]]);
}
