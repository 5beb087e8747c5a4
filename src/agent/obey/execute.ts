import { hashText } from '../../core/base/hash.ts';
import { formatDuration, type Millis } from '../../core/base/time.ts';
import type { ProcessEnd, StartedProcess } from '../../io/exec.ts';
import { collectFile } from './collect.ts';
import type { Doors, Limits } from './doors.ts';
import type { Finished, KnownRun } from './known-run.ts';
import type { RunOrder } from './refuse.ts';
import type { RunFile } from './run-file.ts';
import { startRequest } from './request.ts';
import { type Rights, takeRights } from './rights.ts';
import { placeScript, removeScript } from './script.ts';
import { Spool } from './spool.ts';

export interface Execution {
  readonly doors: Doors;
  readonly limits: Limits;
  /** The agent's data folder. */
  readonly folder: string;
  /** Between TERM and KILL. */
  readonly grace: Millis;
  /** Something can be reported: `now` when somebody waits for it. */
  readonly news: (when: 'now' | 'soon') => void;
}

/** A process that wants all memory takes a while to get it. */
const LOOK_AT_MEMORY: Millis = 250;

/** By this variable the processes of a run are found again; the folder tells runs of one name apart where several agents work on a host. */
export function markOf(folder: string, run: string): string {
  return `TOCSIN_MARK=${hashText(folder)}-${run}`;
}

/** Starts the command of an order that is on the medium, and stays until it has ended and all of it is in the run's file. Never rejects. */
export async function execute(known: KnownRun, file: RunFile, order: RunOrder, execution: Execution): Promise<void> {
  const { doors, limits } = execution;
  const secrets = order.secrets.flatMap(formsOf);
  const spool = new Spool(file, secrets, order.outputLimitBytes, {
    clock: doors.clock,
    hooks: {
      grown: () => execution.news('soon'),
      full: () => known.stop('output limit'),
      hold: (wait) => (wait === 'wait' ? known.process?.pause() : known.process?.resume()),
    },
  });
  const rights = await takeRights(order, doors.exec);
  if ('reason' in rights) {
    await finish(known, file, execution, { how: 'refused', message: rights.reason });
    return;
  }
  const outcome = known.stopped !== null ? null : await startCommand(known, order, { ...execution, rights }, spool);
  if (outcome?.kind !== 'started') await removeScript(order, execution, rights);
  if (outcome === null) {
    await finish(known, file, execution, { how: known.stopped ?? 'cancelled', message: 'It was ended before its process was started.' });
    return;
  }
  if (outcome.kind === 'not started') {
    await finish(known, file, execution, { how: 'spawn error', message: maskText(secrets, outcome.reason) });
    return;
  }
  const end = await watch(known, order, outcome.process, execution);
  known.process = null;
  await removeScript(order, execution, rights);
  await spool.end();
  for (const path of order.collect) {
    spool.note(await collectFile(path, limits.mostCollectedBytes, { ...doors, user: rights.user }), secrets);
    await spool.flush();
  }
  await finish(known, file, execution, {
    how: known.stopped ?? 'exit',
    exitCode: end.exitCode,
    signal: end.signal,
    message: describe(end, { stopped: known.stopped, order, limits, failure: spool.failure }),
    outputTruncated: spool.truncated,
  });
}

async function startCommand(known: KnownRun, order: RunOrder, execution: Execution & { readonly rights: Rights }, spool: Spool) {
  const { doors, rights } = execution;
  const placed = await placeScript(order, execution, rights);
  if ('reason' in placed) return { kind: 'not started', reason: placed.reason } as const;
  if (order.http !== null) {
    const print = (bytes: Buffer): void => spool.take('stdout', bytes);
    return { kind: 'started', process: begun(known, startRequest(order.http, order, { web: doors.web, print }), execution) } as const;
  }
  const outcome = await doors.exec.start(
    {
      argv: placed.argv,
      env: { ...rights.env, ...order.env, TOCSIN_RUN: known.run },
      cwd: '/',
      mark: markOf(execution.folder, known.run),
      grace: execution.grace,
      ...(rights.user !== null && { user: rights.user }),
    },
    { output: (stream, bytes) => spool.take(stream, bytes) },
  );
  if (outcome.kind === 'not started') return outcome;
  begun(known, outcome.process, execution);
  const { started } = known;
  // The first thing in the file after the order: its process can be found again whatever happens to us.
  if (started !== null) void known.file?.appendFact({ type: 'started', at: started.at, ...started.identity }, started.at).catch(() => {});
  return outcome;
}

function begun(known: KnownRun, process: StartedProcess, { doors, news }: Execution): StartedProcess {
  known.process = process;
  known.started = { at: doors.clock.now(), identity: process.identity };
  if (known.stopped !== null) process.stop();
  news('now');
  return process;
}

async function watch(known: KnownRun, order: RunOrder, process: StartedProcess, { doors, limits }: Execution): Promise<ProcessEnd> {
  const over = new AbortController();
  if (order.http === null) void watchMemory(known, process, { doors, limit: memoryLimit(order, limits) }, over.signal);
  void doors.clock.wait(order.timeout, over.signal).then(() => {
    if (!over.signal.aborted) known.stop('timeout');
  });
  const end = await process.ended;
  over.abort();
  return end;
}

/** What both the server and the agent's own configuration allow. */
function memoryLimit({ memoryLimitBytes }: RunOrder, { mostMemoryBytes }: Limits): number {
  return Math.min(memoryLimitBytes ?? mostMemoryBytes, mostMemoryBytes);
}

async function watchMemory(
  known: KnownRun,
  { identity }: StartedProcess,
  { doors, limit }: { readonly doors: Doors; readonly limit: number },
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await doors.clock.wait(LOOK_AT_MEMORY, over);
    if (over.aborted) return;
    const used = doors.exec.memoryOf(identity);
    if (used === null) return;
    if (used > limit) return known.stop('memory limit');
  }
}

async function finish(
  known: KnownRun,
  file: RunFile,
  { doors, news }: Execution,
  outcome: Pick<Finished, 'how' | 'message'> & Partial<Finished>,
): Promise<void> {
  const at = doors.clock.now();
  const finished: Finished = { exitCode: null, signal: null, outputTruncated: false, ...outcome, type: 'finished', at };
  finished.message = finished.message.slice(0, 4_000);
  try {
    await file.appendFact(finished, at);
    await file.sync();
  } catch (error) {
    doors.log.error('the end of a run could not be kept', { run: known.run, error: String(error) });
  }
  known.reservedBytes = file.sizeBytes;
  known.finished = finished;
  news('now');
}

interface Told {
  readonly stopped: Finished['how'] | null;
  readonly order: RunOrder;
  readonly limits: Limits;
  readonly failure: string | null;
}

function describe(end: ProcessEnd, { stopped, order, limits, failure }: Told): string {
  const parts: string[] = [];
  if (stopped === 'timeout') parts.push(`It did not end within ${formatDuration(order.timeout)} and was stopped.`);
  if (stopped === 'output limit') parts.push(`It printed more than ${order.outputLimitBytes} bytes and was stopped.`);
  if (stopped === 'memory limit')
    parts.push(`Its processes took more than ${memoryLimit(order, limits)} bytes of memory and were stopped.`);
  if (stopped === 'cancelled') parts.push('It was cancelled and stopped.');
  if (stopped === 'lost') parts.push('The agent was ended and stopped it.');
  if (end.leftOvers) parts.push('It left processes in the background, which were stopped.');
  if (end.outputCut) parts.push('A process that it left behind still held its output open; what that prints is not kept.');
  if (end.kind === 'stuck') parts.push('Some of it does not end even when it is killed.');
  if (failure !== null) parts.push(`Output could not be kept: ${failure}`);
  return parts.join(' ');
}

const SHORTEST_ENCODED = 6;

/** A secret as it is, and as tools print it: without the line end of its file, line by line, in JSON, in an address, as Base64. */
export function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_ENCODED) return [secret];
  const trimmed = secret.trim();
  const forms = [
    secret,
    trimmed,
    ...trimmed.split(/\r?\n/),
    JSON.stringify(trimmed).slice(1, -1),
    encodeText(trimmed),
    Buffer.from(trimmed).toString('base64'),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_ENCODED);
}

function encodeText(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // half a character: it cannot be part of an address
  }
}

function maskText(secrets: readonly string[], text: string): string {
  return secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '***')), text);
}
