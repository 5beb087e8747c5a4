import type { Report, ReportsAnswer } from '../../contract/agent.ts';
import type { Log } from '../../world.ts';
import type { OutputPiece } from '../parts.ts';

export type RunFact = Exclude<Report, { type: 'output' }>;

export interface Ordered {
  readonly host: string;
  readonly outputLimitBytes: number;
}

/** What an agent may add to the output of a command: notes, and the files that are collected after it. */
const ADDED_BYTES = 64 << 20;

export interface ReportDoors {
  readonly log: Log;
  /** What was ordered: the host that executes the run, and how much it may print; null: there is no such run. */
  readonly ordered: (run: string) => Promise<Ordered | null>;
  /** Returns when the fact is durable; repeated facts change nothing. */
  readonly onReport: (host: string, fact: RunFact) => Promise<void>;
  readonly outputs: {
    length(run: string): Promise<number>;
    /** Returns the length when the piece is durable. Bytes that are there already are passed over; a piece after a gap is not taken. */
    append(run: string, piece: OutputPiece): Promise<number>;
  };
}

/** Takes what an agent reports, in order; when it returns, all that the answer claims is durable. */
export async function takeReports(doors: ReportDoors, host: string, reports: readonly Report[]): Promise<ReportsAnswer> {
  const offsets: Record<string, number> = {};
  const settled = new Set<string>();
  /** Of these runs something is missing: what follows has to come again. */
  const gaps = new Set<string>();
  const orders = new Map<string, Ordered | null>();
  for (const report of reports) {
    const { run } = report;
    if (gaps.has(run) || settled.has(run)) continue;
    const order = orders.has(run) ? orders.get(run) : await doors.ordered(run);
    orders.set(run, order ?? null);
    if (order?.host !== host) {
      doors.log.warn('a report about a run that this host does not execute', { host, run, type: report.type });
      settled.add(run);
    } else if (report.type === 'output' && report.offset > order.outputLimitBytes + ADDED_BYTES) {
      doors.log.warn('a run has more output than was allowed: the rest is not kept', { host, run });
      settled.add(run);
    } else if (report.type === 'output') {
      const length = await append(doors, report);
      offsets[run] = length;
      if (length < report.offset) gaps.add(run);
    } else if (report.type === 'finished') {
      const length = await doors.outputs.length(run);
      if (length < report.outputBytes) {
        offsets[run] = length;
        gaps.add(run);
        continue;
      }
      await doors.onReport(host, report);
      settled.add(run);
    } else await doors.onReport(host, report);
  }
  return { offsets, settled: [...settled] };
}

function append(doors: ReportDoors, { run, offset, at, stream, data }: Extract<Report, { type: 'output' }>): Promise<number> {
  return doors.outputs.append(run, { offset, at, stream, bytes: Buffer.from(data, 'base64') });
}
