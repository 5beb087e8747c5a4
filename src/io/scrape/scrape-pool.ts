import type { Labels } from '../../core/base/labels.ts';
import { expandTargets } from '../../core/scrape/expand-targets.ts';
import { compileRelabelling } from '../../core/scrape/relabel.ts';
import type { ScrapeJob, TargetGroup } from '../../core/scrape/scrape-job.ts';
import { openAccessClient } from '../access-client.ts';
import { type DiscoveryDoors, followFiles, followHttp } from './discoveries.ts';
import { type TargetDoors, TargetLoop } from './target-loop.ts';

export interface PoolDoors extends DiscoveryDoors, Omit<TargetDoors, 'client' | 'clock'> {
  /** Each target gets another number. */
  readonly nextNumber: () => number;
  readonly onProblem: (job: string, reason: string) => void;
}

/** The targets of one job, as its discoveries find them. */
export class ScrapePool {
  readonly job: ScrapeJob;
  dropped: readonly Labels[] = [];
  droppedCount = 0;
  readonly loops = new Map<string, TargetLoop>();
  private readonly doors: PoolDoors;
  private readonly client: ReturnType<typeof openAccessClient>;
  private readonly relabelling;
  /** What each source of targets said last. */
  private readonly found: (readonly TargetGroup[])[];
  private readonly stopping = new AbortController();
  private readonly leaving = new Set<Promise<void>>();

  constructor(job: ScrapeJob, doors: PoolDoors) {
    this.job = job;
    this.doors = doors;
    this.client = openAccessClient(job.access, doors);
    this.relabelling = compileRelabelling(job.relabel);
    this.found = [job.groups];
    this.discover();
    this.sync();
  }

  async stop(why: 'gone' | 'closing'): Promise<void> {
    this.stopping.abort();
    await Promise.all([...[...this.loops.values()].map((loop) => loop.stop(why)), ...this.leaving]);
    this.client.close();
  }

  private discover(): void {
    const { signal } = this.stopping;
    const follow = (start: (sink: Parameters<typeof followFiles>[2]) => Promise<void>): void => {
      const place = this.found.push([]) - 1;
      const problem = (reason: string): void => this.doors.onProblem(this.job.name, reason);
      const groups = (list: readonly TargetGroup[]): void => {
        this.found[place] = list;
        if (!signal.aborted) this.sync();
      };
      start({ groups, problem }).catch((error: unknown) => problem(String(error)));
    };
    for (const each of this.job.files) follow((sink) => followFiles(each, this.doors, sink, signal));
    for (const each of this.job.http) follow((sink) => followHttp(each, this.doors, sink, signal));
  }

  /** Starts what is new, stops what is gone; what stays goes on undisturbed. */
  private sync(): void {
    const { job, loops, doors } = this;
    const { active, dropped, droppedCount, problems } = expandTargets(job, this.relabelling, this.found.flat());
    for (const problem of problems) doors.onProblem(job.name, problem);
    this.dropped = dropped;
    this.droppedCount = droppedCount;
    const wanted = new Set(active.map(({ key }) => key));
    for (const [key, loop] of loops) {
      if (wanted.has(key)) continue;
      loops.delete(key);
      const left = loop.stop('gone').finally(() => this.leaving.delete(left));
      this.leaving.add(left);
    }
    for (const target of active) {
      if (!loops.has(target.key)) loops.set(target.key, new TargetLoop(target, job, doors.nextNumber(), { ...doors, client: this.client }));
    }
    const { targets } = job.limits;
    const forbidden = targets > 0 && loops.size > targets ? `${loops.size} targets, target_limit is ${targets}` : null;
    for (const loop of loops.values()) loop.forbidden = forbidden;
  }
}
