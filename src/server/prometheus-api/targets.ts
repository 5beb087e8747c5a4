import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatInstant } from '../../core/base/calendar.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { formatDuration, SECOND } from '../../core/base/time.ts';
import { matchesLabels } from '../../core/promql/matcher.ts';
import { parseMetricSelector } from '../../core/promql/parse-metric-selector.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { badParam, parseWhole, readParams } from './params.ts';
import type { ActiveTarget, ScrapingPart } from './scraping-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const NOTHING: ScrapingPart = { pools: () => [], active: () => [], dropped: () => [] };
/** What Go writes for a moment that never was. */
const NEVER_TEXT = '0001-01-01T00:00:00Z';

/** `/api/v1/targets`, `targets/metadata` and `scrape_pools`. */
export function serveTargets(server: FastifyInstance, { scraping = NOTHING }: ServerParts): void {
  server.get('/api/v1/scrape_pools', { config }, (_request, reply) => sendData(reply, { scrapePools: [...scraping.pools()].sort() }));
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
