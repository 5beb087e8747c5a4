import { basename, dirname, extname, join } from 'node:path';
import { formatProblem } from '../../core/base/problem.ts';
import { SECOND, type Millis } from '../../core/base/time.ts';
import { parseTargetGroups } from '../../core/scrape/parse-target-groups.ts';
import type { FileDiscovery, HttpDiscovery, TargetGroup } from '../../core/scrape/scrape-job.ts';
import type { Clock } from '../clock.ts';
import { bodyEncoding, decompress } from '../decompress.ts';
import { fileErrorCode, type Files } from '../files.ts';
import { type AccessDoors, openAccessClient } from '../access-client.ts';

/** Where discovered groups go, and what is wrong with the last attempt; the last good groups stay in force meanwhile. */
export interface DiscoverySink {
  readonly groups: (groups: readonly TargetGroup[]) => void;
  readonly problem: (reason: string) => void;
}

export interface DiscoveryDoors extends AccessDoors {
  readonly clock: Clock;
  readonly files: Files;
}

const FILE_LIMIT_BYTES = 32 << 20;
const ANSWER_LIMIT_BYTES = 64 << 20;
const MOST_FILES = 1_000;
/** A file is written in several steps. */
const SETTLE: Millis = 200;

/** Follows files with target groups until the signal aborts: looks when a folder says that something changed, and every `refresh`. */
export async function followFiles(
  discovery: FileDiscovery,
  doors: DiscoveryDoors,
  sink: DiscoverySink,
  signal: AbortSignal,
): Promise<void> {
  const good = new Map<string, readonly TargetGroup[]>();
  let wake: (() => void) | null = null;
  for (const folder of new Set(discovery.patterns.map((pattern) => dirname(pattern)))) doors.files.watch(folder, () => wake?.(), signal);
  while (!signal.aborted) {
    const found = await findFiles(discovery.patterns, doors.files);
    for (const path of good.keys()) if (!found.includes(path)) good.delete(path);
    for (const path of found) {
      const groups = await readGroups(path, doors.files);
      if (typeof groups === 'string') sink.problem(groups);
      else good.set(path, groups);
    }
    if (signal.aborted) return;
    sink.groups([...good.values()].flat());
    const changed = new AbortController();
    wake = () => changed.abort();
    await doors.clock.wait(discovery.refresh, AbortSignal.any([signal, changed.signal]));
    if (changed.signal.aborted) await doors.clock.wait(SETTLE, signal);
  }
}

async function findFiles(patterns: readonly string[], files: Files): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const name = basename(pattern);
    if (!/[*?]/.test(name)) {
      if ((await files.state(pattern).catch(() => null)) !== null) found.add(pattern);
      continue;
    }
    const body = name
      .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    const entries = await files.list(dirname(pattern)).catch(() => []);
    for (const entry of entries) {
      if (new RegExp(`^${body}$`, 's').test(entry.name) && entry.kind !== 'folder') found.add(join(dirname(pattern), entry.name));
      if (found.size >= MOST_FILES) return [...found];
    }
  }
  return [...found];
}

async function readGroups(path: string, files: Files): Promise<readonly TargetGroup[] | string> {
  try {
    const format = extname(path).toLowerCase() === '.json' ? 'json' : 'yaml';
    const { value, problems } = parseTargetGroups(await files.readText(path, FILE_LIMIT_BYTES), format, path);
    const [problem] = problems;
    if (value === null) return formatProblem({ file: path, message: 'cannot be read', ...problem });
    return value.map((group) => ({ targets: group.targets, labels: { ...group.labels, __meta_filepath: path } }));
  } catch (error) {
    return `${path}: ${fileErrorCode(error) ?? (error instanceof Error ? error.message : String(error))}`;
  }
}

/** Asks a web address for target groups every `refresh` until the signal aborts. */
export async function followHttp(discovery: HttpDiscovery, doors: DiscoveryDoors, sink: DiscoverySink, signal: AbortSignal): Promise<void> {
  const { url, refresh, access } = discovery;
  const client = openAccessClient(access, doors);
  while (!signal.aborted) {
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'gzip',
      'x-prometheus-refresh-interval-seconds': String(refresh / SECOND),
    };
    const outcome = await client.request({ method: 'GET', url, headers, timeout: refresh, limitBytes: ANSWER_LIMIT_BYTES, signal });
    if (signal.aborted) break;
    const groups =
      outcome.kind === 'failed'
        ? outcome.reason
        : outcome.status !== 200
          ? `status ${outcome.status}`
          : await answeredGroups(url, outcome.body, outcome.headers['content-encoding']);
    if (typeof groups === 'string') sink.problem(`${url}: ${groups}`);
    else sink.groups(groups);
    await doors.clock.wait(refresh, signal);
  }
  client.close();
}

async function answeredGroups(url: string, body: Uint8Array, header: string | undefined): Promise<readonly TargetGroup[] | string> {
  const encoding = bodyEncoding(header);
  if (encoding === null) return 'the answer is compressed in an unknown way';
  const bytes = await decompress(body, encoding, ANSWER_LIMIT_BYTES);
  if ('problem' in bytes) return bytes.message;
  const { value, problems } = parseTargetGroups(Buffer.from(bytes).toString('utf8'), 'json', url);
  if (value === null) return problems[0]?.message ?? 'the answer cannot be read';
  return value.map((group) => ({ targets: group.targets, labels: { ...group.labels, __meta_url: url } }));
}
