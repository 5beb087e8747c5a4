import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { clearTrouble, raiseTrouble } from '../engine/trouble.ts';
import type { Damage } from '../io/series/damage.ts';
import type { SeriesHealth } from '../io/series/status.ts';
import type { Shared } from './opened.ts';

const LOOK_EVERY: Millis = 5_000;
/** So many damaged places are named in the summary; the log has all. */
const NAMED = 5;

interface Trouble {
  readonly labels: { readonly alertname: string; readonly severity: 'critical' | 'error' };
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

function describeDamage(damage: readonly Damage[]): string {
  const more = damage.length > NAMED ? ` and ${damage.length - NAMED} more` : '';
  const named = damage.slice(0, NAMED).map(({ where, why }) => `${where}: ${why}`);
  return `Stored samples are damaged, the rest is served: ${named.join('; ')}${more}`;
}

/** Looks at the series store from time to time and makes alerts of its troubles. */
export class SeriesWatch {
  private readonly shared: Pick<Shared, 'world' | 'series' | 'settings'>;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();
  /** What is known to be over: nothing is asked of the state for it again and again. */
  private readonly isOver = new Set<string>();
  private readonly logged = new Set<string>();

  constructor(shared: Pick<Shared, 'world' | 'series' | 'settings'>) {
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
    const { series, settings, world } = this.shared;
    try {
      const health = await series.health();
      this.log(health.damage);
      for (const trouble of seriesTroubles(health)) await this.say(settings.current(), trouble);
    } catch (error) {
      world.log.error('the series store could not be looked at', { error: String(error) });
    }
  }

  private log(damage: readonly Damage[]): void {
    for (const { where, why } of damage) {
      const one = `${where}: ${why}`;
      if (!this.logged.has(one)) this.shared.world.log.error('stored samples are damaged, the rest is served', { where, why });
      this.logged.add(one);
    }
  }

  private async say(settings: Settings, { labels, summary }: Trouble): Promise<void> {
    const { alertname } = labels;
    if (summary === null && this.isOver.has(alertname)) return;
    if (summary === null) await clearTrouble(this.shared.world, settings, labels);
    else await raiseTrouble(this.shared.world, settings, labels, summary);
    if (summary === null) this.isOver.add(alertname);
    else this.isOver.delete(alertname);
  }
}
