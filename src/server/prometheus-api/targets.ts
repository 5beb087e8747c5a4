import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatInstant } from '../../core/base/calendar.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { formatDuration, SECOND } from '../../core/base/time.ts';
import { matchesLabels } from '../../core/promql/matcher.ts';
import { parseMetricSelector } from '../../core/promql/parse-metric-selector.ts';
import { compileRelabelling } from '../../core/scrape/relabel.ts';
import { formatJob, relabelDocument } from '../../core/scrape/format-job.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import type { Labels } from '../../core/base/labels.ts';
import { LabelSet } from '../../contract/endpoint.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { badParam, parseWhole, readParams, type Param } from './params.ts';
import type { ActiveTarget, ScrapingPart } from './scraping-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const NOTHING: ScrapingPart = { pools: () => [], active: () => [], dropped: () => [], job: () => null };
/** What Go writes for a moment that never was. */
const NEVER_TEXT = '0001-01-01T00:00:00Z';

/** `/api/v1/targets`, `targets/metadata`, `targets/relabel_steps`, `scrape_pools` and `scrape_pools/config`. */
export function serveTargets(server: FastifyInstance, { scraping = NOTHING }: ServerParts): void {
  server.get('/api/v1/scrape_pools', { config }, (_request, reply) => sendData(reply, { scrapePools: [...scraping.pools()].sort() }));
  server.get('/api/v1/scrape_pools/config', { config }, (request, reply) => sendJob(scraping, request, reply));
  server.get('/api/v1/targets/relabel_steps', { config }, (request, reply) => sendRelabelSteps(scraping, request, reply));
  server.get('/api/v1/targets', { config }, (request, reply) => sendTargets(scraping, request, reply));
  server.get('/api/v1/targets/metadata', { config }, (request, reply) => sendMetadata(scraping, request, reply));
}

function sendTargets(scraping: ScrapingPart, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const params = readParams(request);
  const state = (params.get('state') ?? '').toLowerCase();
  const pool = params.get('scrapePool') ?? '';
  const wants = (which: string): boolean => state === '' || state === 'any' || state === which;
  const isAsked = (each: { readonly pool: string }): boolean => pool === '' || each.pool === pool;
  const dropped = scraping.dropped().filter(isAsked);
  return sendData(reply, {
    activeTargets: wants('active') ? scraping.active().filter(isAsked).map(formatTarget) : [],
    droppedTargets: wants('dropped')
      ? dropped.flatMap((each) => each.discovered.map((labels) => ({ discoveredLabels: labels, scrapePool: each.pool })))
      : [],
    droppedTargetCounts: wants('dropped') ? Object.fromEntries(dropped.map((each) => [each.pool, each.count])) : null,
  });
}

function formatTarget(target: ActiveTarget): Readonly<Record<string, unknown>> {
  return {
    discoveredLabels: target.discovered,
    labels: target.labels,
    scrapePool: target.pool,
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: target.problem,
    lastScrape: target.scrapedAt === null ? NEVER_TEXT : formatInstant(target.scrapedAt),
    lastScrapeDuration: target.duration / SECOND,
    health: target.health,
    scrapeInterval: formatDuration(target.interval),
    scrapeTimeout: formatDuration(target.timeout),
  };
}

function sendMetadata(scraping: ScrapingPart, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const params = readParams(request);
  const limitText = params.get('limit') ?? '';
  const limit = parseWhole(limitText);
  if (limitText !== '' && limit === null) return sendQueryError(reply, { errorType: 'bad_data', error: 'limit must be a number' });
  const text = params.get('match_target') ?? '';
  const selector = text === '' ? null : parseMetricSelector(text);
  if (selector?.value === null) return sendQueryError(reply, badParam('match_target', selector.problems.map(formatProblem).join('\n')));
  const matchers = selector?.value.matchers ?? [];
  const metric = params.get('metric') ?? '';
  const items: unknown[] = [];
  for (const { labels, families } of scraping.active()) {
    if (!matchesLabels(matchers, labels)) continue;
    for (const [name, family] of families) {
      if (metric !== '' && name !== metric) continue;
      if (limit !== null && limit >= 0 && items.length >= limit) return sendData(reply, items);
      items.push({ target: labels, ...(metric === '' && { metric: name }), type: family.type, help: family.help, unit: family.unit });
    }
  }
  return sendData(reply, items);
}

function sendJob(scraping: ScrapingPart, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const job = poolParam(scraping, readParams(request));
  return 'error' in job ? sendQueryError(reply, job) : sendData(reply, { yaml: formatJob(job.value) });
}

/** What each rule makes of the labels that a target was discovered with, up to the rule that drops it. */
function sendRelabelSteps(scraping: ScrapingPart, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const params = readParams(request);
  const job = poolParam(scraping, params);
  if ('error' in job) return sendQueryError(reply, job);
  const labels = parseLabels(params.get('labels') ?? '');
  if (labels === null) {
    return sendQueryError(reply, badParam('labels', 'it must be a JSON object of texts, such as {"__address__":"host:9100"}'));
  }
  const steps: unknown[] = [];
  let current: Labels | null = labels;
  for (const rule of job.value.relabel) {
    current = compileRelabelling([rule]).apply(current);
    steps.push({ rule: relabelDocument(rule), output: current ?? {}, keep: current !== null });
    if (current === null) break;
  }
  return sendData(reply, { steps });
}

function poolParam(scraping: ScrapingPart, params: URLSearchParams): Param<ScrapeJob> {
  const name = params.get('scrapePool') ?? '';
  if (name === '') return { errorType: 'bad_data', error: 'no scrapePool parameter provided' };
  const job = scraping.job(name);
  return job === null ? { errorType: 'not_found', error: `unknown scrape pool ${JSON.stringify(name)}` } : { value: job };
}

function parseLabels(text: string): Labels | null {
  try {
    const { data } = LabelSet.safeParse(JSON.parse(text));
    return data ?? null;
  } catch {
    return null;
  }
}
