import type { ProcessEnd, StartedProcess } from '../../io/exec.ts';
import type { HttpClient } from '../../io/http.ts';
import type { RunOrder } from './refuse.ts';

const MOST_ANSWER_BYTES = 1 << 20;
/** The time limit of the order ends it first, in the way in which it ends a command. */
const SPARE_MS = 5_000;
/** Nothing has this identity: there is no process. */
const NOBODY = { pid: 0, startedTicks: '', boot: '' };

/** Sends the request of an order, in the form of a process: it can be stopped, prints what was answered, and has an exit code. */
export function startRequest(
  http: NonNullable<RunOrder['http']>,
  order: RunOrder,
  { web, print }: { readonly web: HttpClient; readonly print: (bytes: Buffer) => void },
): StartedProcess {
  const stopped = new AbortController();
  const send = async (): Promise<ProcessEnd> => {
    print(Buffer.from(`${http.method} ${http.url}\n`));
    const { method, url, headers, body } = http;
    const outcome = await web.request({
      method,
      url,
      headers,
      ...(body !== null && { body }),
      timeout: order.timeout + SPARE_MS,
      limitBytes: Math.min(order.outputLimitBytes, MOST_ANSWER_BYTES),
      signal: stopped.signal,
    });
    const isExpected = outcome.kind === 'answered' && http.expect.includes(outcome.status);
    if (outcome.kind === 'failed') print(Buffer.from(`no answer: ${outcome.reason}\n`));
    else {
      print(Buffer.from(`${outcome.status}${isExpected ? '' : ' (not expected)'}\n`));
      print(Buffer.from(outcome.body));
    }
    const exitCode = stopped.signal.aborted ? null : isExpected ? 0 : 1;
    return { kind: 'exited', exitCode, signal: null, leftOvers: false, outputCut: false };
  };
  return { identity: NOBODY, pause: () => {}, resume: () => {}, stop: () => stopped.abort(), ended: send() };
}
