import { type Labels, sortedNames } from '../base/labels.ts';
import { formatDuration, type Millis, parseDuration } from '../base/time.ts';
import { Fnv1a64 } from '../base/hash.ts';
import type { Relabelling } from './relabel.ts';
import type { ScrapeJob, TargetGroup } from './scrape-job.ts';

/** Something to scrape. */
export interface Target {
  /** What its series get. */
  readonly labels: Labels;
  /** What was known of it before relabelling. */
  readonly discovered: Labels;
  readonly url: string;
  readonly interval: Millis;
  readonly timeout: Millis;
  /** The same for the same target: its address and labels. */
  readonly key: string;
}

/** What became of the groups of a job. */
export interface Targets {
  readonly active: readonly Target[];
  readonly dropped: readonly Labels[];
  readonly droppedCount: number;
  readonly problems: readonly string[];
}

const INTERNAL = '__';
const PARAM = '__param_';
const PROBLEMS = 20;
/** Of dropped targets so many are remembered where the job says nothing. */
const DROPPED_KEPT = 10_000;

/** The targets of a job: every address with its labels, relabelled (prometheus/prometheus scrape/target.go). Equal targets are one. */
export function expandTargets(job: ScrapeJob, relabelling: Relabelling, groups: readonly TargetGroup[]): Targets {
  const active = new Map<string, Target>();
  const dropped: Labels[] = [];
  const problems: string[] = [];
  const mostDropped = job.limits.keepDroppedTargets === 0 ? DROPPED_KEPT : job.limits.keepDroppedTargets;
  let droppedCount = 0;
  for (const group of groups) {
    for (const address of group.targets) {
      const discovered = discoveredLabels(job, group, address);
      const labels = relabelling.apply(discovered);
      if (labels === null || labels['__address__'] === undefined) {
        droppedCount += 1;
        if (dropped.length < mostDropped) dropped.push(discovered);
        continue;
      }
      const target = targetOf(job, labels, discovered);
      if (typeof target !== 'string') active.set(target.key, target);
      else if (problems.length < PROBLEMS) problems.push(target);
    }
  }
  return { active: [...active.values()], dropped, droppedCount, problems };
}

/** When within its interval a target is scraped: spread over all targets, the same after every restart, and different between servers. */
export function scrapeOffset(target: Pick<Target, 'key' | 'interval'>, seed: string): Millis {
  const hash = new Fnv1a64();
  hash.addText(seed);
  hash.addByte(0xff);
  hash.addText(target.key);
  return Number(BigInt(`0x${hash.hex()}`) % BigInt(Math.max(1, target.interval)));
}

/** The first moment from `now` on that lies `offset` after a whole number of intervals. */
export function nextScrape(now: Millis, interval: Millis, offset: Millis): Millis {
  return Math.ceil((now - offset) / interval) * interval + offset;
}

function discoveredLabels(job: ScrapeJob, group: TargetGroup, address: string): Labels {
  const labels: Record<string, string> = {
    job: job.name,
    __scrape_interval__: formatDuration(job.interval),
    __scrape_timeout__: formatDuration(job.timeout),
    __metrics_path__: job.metricsPath,
    __scheme__: job.scheme,
  };
  for (const [name, [first = '']] of Object.entries(job.params)) labels[PARAM + name] = first;
  return { ...labels, ...group.labels, __address__: address };
}

function targetOf(job: ScrapeJob, labels: Labels, discovered: Labels): Target | string {
  const address = labels['__address__'] ?? '';
  const interval = parseDuration(labels['__scrape_interval__'] ?? '');
  const timeout = parseDuration(labels['__scrape_timeout__'] ?? '');
  if (interval === null || interval === 0)
    return `${address}: ${JSON.stringify(labels['__scrape_interval__'] ?? '')} is no scrape interval`;
  if (timeout === null || timeout === 0) return `${address}: ${JSON.stringify(labels['__scrape_timeout__'] ?? '')} is no scrape timeout`;
  if (timeout > interval) return `${address}: the scrape timeout is longer than the interval`;
  if (/[/?#@\s]/.test(address) || address === '') return `${JSON.stringify(address)} is no address: HOST:PORT is expected`;
  const scheme = labels['__scheme__'] ?? '';
  if (scheme !== 'http' && scheme !== 'https') return `${address}: the scheme ${JSON.stringify(scheme)} is neither http nor https`;
  const url = `${scheme}://${address}${pathOf(labels['__metrics_path__'] ?? '')}${queryOf(job, labels)}`;
  const own: Record<string, string> = {};
  for (const name of sortedNames(labels)) if (!name.startsWith(INTERNAL)) own[name] = labels[name] ?? '';
  own['instance'] ??= address;
  const key = JSON.stringify([url, interval, timeout, sortedNames(own).map((name) => [name, own[name]])]);
  return { labels: own, discovered, url, interval, timeout, key };
}

function pathOf(path: string): string {
  const escaped = path.replaceAll('?', '%3F').replaceAll('#', '%23');
  return escaped === '' || escaped.startsWith('/') ? escaped : `/${escaped}`;
}

/** The parameters of the job, the first value of each replaced by what relabelling made of its label. */
function queryOf(job: ScrapeJob, labels: Labels): string {
  const pairs: string[] = [];
  const add = (name: string, value: string): void => {
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  };
  const names = new Set([
    ...Object.keys(job.params),
    ...Object.keys(labels).flatMap((label) => (label.startsWith(PARAM) ? [label.slice(PARAM.length)] : [])),
  ]);
  for (const name of [...names].sort()) {
    const first = labels[PARAM + name];
    if (first !== undefined) add(name, first);
    for (const value of (job.params[name] ?? []).slice(1)) add(name, value);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
