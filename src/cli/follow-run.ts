import { OutputChunk, runs } from '../contract/api/runs.ts';
import { SECOND } from '../core/base/time.ts';
import type { Api } from './api.ts';
import { parseJson } from './api.ts';
import { failed } from './command-line.ts';
import type { Run } from './format-run.ts';
import { readEvents } from './read-events.ts';
import { ScreenFilter } from './screen-filter.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const RETRIES = 20;
const PAUSE = SECOND;
const INTERRUPTED = 130;

/** Prints the output of a run while it comes, across broken connections, until the run is over; gives its exit code. */
export async function followRun(api: Api, terminal: Terminal, id: string): Promise<number> {
  const filters = { stdout: new ScreenFilter(), stderr: new ScreenFilter() };
  let offset = 0;
  for (let failures = 0; failures < RETRIES; failures += 1) {
    const stream = await api.stream(`/api/runs/${encodeURIComponent(id)}/output/live`, { 'last-event-id': String(offset) });
    if (stream.kind === 'streaming') {
      try {
        for await (const event of readEvents(stream.chunks)) {
          if (event.name === 'end') return finish(api, terminal, id);
          const chunk = event.name === 'output' ? OutputChunk.safeParse(parseJson(event.data)) : null;
          if (chunk?.success !== true || chunk.data.offset !== offset) continue;
          const bytes = Buffer.from(chunk.data.data, 'base64');
          const to = chunk.data.stream === 'stdout' ? 'stdout' : 'stderr';
          terminal[to].write(terminal.isScreen ? filters[to].pass(bytes) : bytes);
          offset += bytes.length;
          failures = 0;
        }
      } catch {
        // The connection broke; the next one goes on at the same byte.
      } finally {
        stream.close();
      }
    }
    if (terminal.interrupt.aborted) {
      terminal.stderr.write(`\nThe run goes on. "tocsin cancel ${id}" stops it, "tocsin runs output ${id}" shows the rest.\n`);
      return INTERRUPTED;
    }
    await terminal.wait(PAUSE);
  }
  throw failed(`The server does not answer any more; the run may still go on. "tocsin runs show ${id}" tells when it is back.`);
}

async function finish(api: Api, terminal: Terminal, id: string): Promise<number> {
  const { run } = await api.ask(runs.get, { params: { id } });
  terminal.stderr.write(`run ${id}: ${run.state}${run.reason === '' ? '' : `, ${plain(run.reason)}`}\n`);
  return exitCodeOf(run);
}

/** The run's own exit code; 1 where it ended without one, and never 0 unless it succeeded. */
function exitCodeOf({ state, exitCode }: Run): number {
  return state === 'succeeded' ? 0 : (exitCode ?? 1) || 1;
}
