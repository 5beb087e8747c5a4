import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { clearTrouble, raiseTrouble } from '../engine/trouble.ts';
import { SYSTEM } from '../core/access/actor.ts';
import type { Purge } from '../io/series/purge-log.ts';
import type { Damage } from '../io/series/damage.ts';
import type { SenderState } from '../io/series/remote/sender.ts';
import type { SeriesHealth } from '../io/series/status.ts';
import type { Shared } from './opened.ts';

const LOOK_EVERY: Millis = 5_000;
/** So many damaged places are named in the summary; the log has all. */
const NAMED = 5;

interface Trouble {
  readonly labels: { readonly alertname: string; readonly severity: 'critical' | 'error'; readonly remote?: string };
  /** Null: it is over. */
  readonly summary: string | null;
}

/** The troubles of the series store that somebody must know of, and whether they are there. */
export function seriesTroubles({ disk, journalProblem, keepingProblem, forwarding, damage }: SeriesHealth): readonly Trouble[] {
  const full = disk?.full ?? null;
  const failing = journalProblem ?? (forwarding === null ? keepingProblem : null);
  return [
    {
      labels: { alertname: 'SeriesStoreFull', severity: 'critical' },
      summary: full === null ? null : 'No samples are taken, because the disk of the series is full.',
    },
    {
      labels: { alertname: 'SeriesStoreFailing', severity: 'error' },
      summary: full !== null || failing === null ? null : `The series store cannot write: ${failing}`,
    },
    { labels: { alertname: 'SamplesDamaged', severity: 'error' }, summary: damage.length === 0 ? null : describeDamage(damage) },
  ];
}

/** Another server that gets the samples as well and has taken none for so long is a trouble. */
const PATIENCE: Millis = 60_000;

/** The troubles with servers that get the samples as well. */
export function senderTroubles(senders: readonly SenderState[], now: Millis): readonly Trouble[] {
  return senders.map(({ name, problem, failingSince, waitingBytes }) => {
    const failing = failingSince !== null && now - failingSince >= PATIENCE;
    const summary = failing ? `${name} takes no samples (${waitingBytes} bytes wait): ${problem}` : null;
    return { labels: { alertname: 'RemoteWriteFailing', severity: 'error', remote: name }, summary };
  });
}

function describeDamage(damage: readonly Damage[]): string {
  const more = damage.length > NAMED ? ` and ${damage.length - NAMED} more` : '';
  const named = damage.slice(0, NAMED).map(({ where, why }) => `${where}: ${why}`);
  return `Stored samples are damaged, the rest is served: ${named.join('; ')}${more}`;
}

type Watched = Pick<Shared, 'world' | 'series' | 'senders' | 'settings'>;

/** Looks at the series store from time to time and makes alerts of its troubles. */
export class SeriesWatch {
  private readonly shared: Watched;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();
  /** What is known to be over: nothing is asked of the state for it again and again. */
  private readonly isOver = new Set<string>();
  private readonly logged = new Set<string>();
  private readonly recorded = new Set<string>();

  constructor(shared: Watched) {
    this.shared = shared;
  }

  start(): void {
    const look = (): void => {
      this.looking = this.looking.then(() => this.look());
    };
    look();
    this.timer = setInterval(look, LOOK_EVERY).unref();
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const { series, senders, settings, world } = this.shared;
    try {
      const health = await series.health();
      this.log(health.damage);
      await this.record(health.purges);
      const troubles = [...seriesTroubles(health), ...senderTroubles(senders.describe(), world.clock.now())];
      for (const trouble of troubles) await this.say(settings.current(), trouble);
    } catch (error) {
      world.log.error('the series store could not be looked at', { error: String(error) });
    }
  }

  /** What is deleted because its time is over stands in the audit log. */
  private async record(purges: readonly Purge[]): Promise<void> {
    const { world } = this.shared;
    for (const { at, what, before, why } of purges) {
      const key = `${at} ${what} ${before}`;
      if (this.recorded.has(key)) continue;
      const reason = why === 'size' ? 'because all of it takes too much' : 'because its time is over';
      const text = `deleted ${what === 'raw' ? 'samples' : what} before ${new Date(before).toISOString()} ${reason}`;
      await world.store.commit({ at: world.clock.now(), who: SYSTEM, why: text, about: [`series/${what}`], writes: [] });
      this.recorded.add(key);
    }
    // Only the last ones are told again and again.
    const told = new Set(purges.map(({ at, what, before }) => `${at} ${what} ${before}`));
    for (const key of this.recorded) if (!told.has(key)) this.recorded.delete(key);
  }

  private log(damage: readonly Damage[]): void {
    for (const { where, why } of damage) {
      const one = `${where}: ${why}`;
      if (!this.logged.has(one)) this.shared.world.log.error('stored samples are damaged, the rest is served', { where, why });
      this.logged.add(one);
    }
  }

  private async say(settings: Settings, { labels, summary }: Trouble): Promise<void> {
    const name = `${labels.alertname}/${labels.remote ?? ''}`;
    if (summary === null && this.isOver.has(name)) return;
    if (summary === null) await clearTrouble(this.shared.world, settings, labels);
    else await raiseTrouble(this.shared.world, settings, labels, summary);
    if (summary === null) this.isOver.add(name);
    else this.isOver.delete(name);
  }
}
