import type { Report, ReportsAnswer } from '../../contract/agent.ts';
import type { Log } from '../../world.ts';
import type { OutputPiece } from '../parts.ts';

export type RunFact = Exclude<Report, { type: 'output' }>;

export interface ReportDoors {
  readonly log: Log;
  /** The host that was ordered to execute the run; null: there is no such run. */
  readonly hostOf: (run: string) => Promise<string | null>;
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
  const hosts = new Map<string, string | null>();
  for (const report of reports) {
    const { run } = report;
    if (gaps.has(run) || settled.has(run)) continue;
    const owner = hosts.has(run) ? hosts.get(run) : await doors.hostOf(run);
    hosts.set(run, owner ?? null);
    if (owner !== host) {
      doors.log.warn('a report about a run that this host does not execute', { host, run, type: report.type });
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
