import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NAME } from '../../core/base/labels.ts';
import { HOUR } from '../../core/base/time.ts';
import { FUZZY, searchNames, type FoundName, type NameSearch } from '../../core/search/search-names.ts';
import type { ServerParts } from '../parts.ts';
import { sendQueryError } from './envelope.ts';
import { parseWhole, readParams, selectorsParam, timeParam, type Param } from './params.ts';
import type { LookupAnswer, Metadata, SeriesQuestion } from './series-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const MOST_TERMS = 32;
const MOST_RESULTS = 10_000;
const USUAL = 100;

/** What a request asks for besides the names themselves. */
interface Wish {
  readonly search: NameSearch;
  readonly question: SeriesQuestion;
  readonly limit: number;
  /** Results in one line. */
  readonly batch: number;
  readonly withScore: boolean;
}

/** `/api/v1/search/*`: names that fit what was typed, as lines of JSON; the last line says whether there are more. */
export function serveSearch(server: FastifyInstance, parts: ServerParts): void {
  const { series } = parts;
  const serve = (path: string, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>): void => {
    server.route({ method: ['GET', 'POST'], url: `/api/v1/search/${path}`, config, handler });
  };
  serve('metric_names', async (request, reply) => {
    const params = readParams(request);
    const withMetadata = flagParam(params, 'include_metadata', false);
    if ('error' in withMetadata) return sendQueryError(reply, withMetadata);
    return sendFound(params, reply, {
      endpoint: 'metric_names',
      now: parts.world.clock.now(),
      names: (question) => series.labelValues(NAME, question),
      describe: withMetadata.value ? () => metadataOf(parts) : null,
    });
  });
  serve('label_names', (request, reply) =>
    sendFound(readParams(request), reply, {
      endpoint: 'label_names',
      now: parts.world.clock.now(),
      names: (question) => series.labelNames(question),
      describe: null,
    }),
  );
  serve('label_values', async (request, reply) => {
    const params = readParams(request);
    const label = params.get('label') ?? '';
    if (label === '') return sendQueryError(reply, { errorType: 'bad_data', error: 'missing required parameter "label"' });
    return sendFound(params, reply, {
      endpoint: 'label_values',
      now: parts.world.clock.now(),
      names: (question) => series.labelValues(label, question),
      describe: null,
    });
  });
}

interface Source {
  readonly endpoint: string;
  readonly now: number;
  readonly names: (question: SeriesQuestion) => Promise<LookupAnswer<string>>;
  /** Null: names alone. */
  readonly describe: (() => Promise<ReadonlyMap<string, Metadata>>) | null;
}

async function sendFound(params: URLSearchParams, reply: FastifyReply, source: Source): Promise<FastifyReply> {
  const wish = wishOf(params, source);
  if ('error' in wish) return sendQueryError(reply, wish);
  const { search, question, limit, batch, withScore } = wish.value;
  const answer = await source.names(question);
  if ('error' in answer) return sendQueryError(reply, answer);
  const found = searchNames(answer.items, search);
  const described = source.describe === null || found.length === 0 ? new Map<string, Metadata>() : await source.describe();
  const records = found.slice(0, limit).map(({ name, score }: FoundName) => ({
    name,
    ...(withScore && { score }),
    ...withoutEmpty(described.get(name)),
  }));
  const lines: string[] = [];
  // The first line is there even when nothing is found: it carries the warnings.
  for (let at = 0; at < Math.max(1, records.length); at += batch) {
    const warnings = at === 0 && answer.warnings.length > 0 ? { warnings: answer.warnings } : {};
    lines.push(JSON.stringify({ results: records.slice(at, at + batch), ...warnings }));
  }
  lines.push(JSON.stringify({ status: 'success', has_more: found.length > limit }));
  return reply.type('application/x-ndjson; charset=utf-8').send(`${lines.join('\n')}\n`);
}

function withoutEmpty(metadata: Metadata | undefined): Partial<Metadata> {
  if (metadata === undefined) return {};
  return Object.fromEntries(Object.entries(metadata).filter(([, text]) => text !== ''));
}

/** What is said of metrics; where opinions differ, the first. */
async function metadataOf({ series, scraping }: ServerParts): Promise<ReadonlyMap<string, Metadata>> {
  const known = new Map<string, Metadata>();
  for (const { families } of scraping?.active() ?? []) {
    for (const [name, { type, help, unit }] of families) if (!known.has(name)) known.set(name, { type, help, unit });
  }
  const told = await series.metadata();
  if ('error' in told) return known;
  for (const [name, [first]] of told.items) if (first !== undefined && !known.has(name)) known.set(name, first);
  return known;
}

function wishOf(params: URLSearchParams, { endpoint, now }: Source): Param<Wish> {
  const start = timeParam(params, 'start', now - HOUR);
  if ('error' in start) return start;
  const end = timeParam(params, 'end', now);
  if ('error' in end) return end;
  if (end.value < start.value) return bad('end timestamp must not be before start timestamp');
  const selectors = selectorsParam(params);
  if ('error' in selectors) return selectors;
  const search = searchOf(params, endpoint);
  if ('error' in search) return search;
  const limit = countParam(params, 'limit');
  if ('error' in limit) return limit;
  if (limit.value > MOST_RESULTS) return bad(`limit ${limit.value} exceeds the configured maximum (${MOST_RESULTS})`);
  const batch = countParam(params, 'batch_size');
  if ('error' in batch) return batch;
  const withScore = flagParam(params, 'include_score', false);
  if ('error' in withScore) return withScore;
  const plain = selectors.value.map(({ matchers }) => matchers.map(({ name, op, value }) => ({ name, op, value })));
  const question = { selectors: plain, start: start.value, end: end.value, limit: 0 };
  return { value: { search: search.value, question, limit: limit.value, batch: batch.value, withScore: withScore.value } };
}

function searchOf(params: URLSearchParams, endpoint: string): Param<NameSearch> {
  const terms = [...params.getAll('search[]'), ...params.getAll('search')].filter((term) => term !== '');
  if (terms.length > MOST_TERMS) return bad(`too many search[] terms: got ${terms.length}, maximum is ${MOST_TERMS}`);
  const thresholdText = params.get('fuzz_threshold') ?? '';
  const threshold = thresholdText === '' ? 0 : (parseWhole(thresholdText) ?? -1);
  if (threshold < 0 || threshold > 100) return bad(`invalid fuzz_threshold ${JSON.stringify(thresholdText)}: must be 0-100`);
  const fuzzyText = params.get('fuzz_alg') ?? '';
  const fuzzy = fuzzyText === '' ? FUZZY[0] : FUZZY.find((name) => name === fuzzyText);
  if (fuzzy === undefined) return bad(`unsupported fuzz_alg ${JSON.stringify(fuzzyText)}: must be one of [${FUZZY.join(' ')}]`);
  const isCaseSensitive = flagParam(params, 'case_sensitive', true);
  if ('error' in isCaseSensitive) return isCaseSensitive;
  const order = orderOf(params, endpoint, terms.length > 0);
  if ('error' in order) return order;
  return { value: { terms, fuzzy, threshold: threshold / 100, isCaseSensitive: isCaseSensitive.value, order: order.value } };
}

function orderOf(params: URLSearchParams, endpoint: string, hasTerms: boolean): Param<NameSearch['order']> {
  const by = params.get('sort_by') ?? '';
  const direction = params.get('sort_dir') ?? '';
  if (direction !== '' && by === '') return bad('sort_dir is only valid when sort_by is set');
  if (by !== '' && by !== 'alpha' && by !== 'score') {
    return bad(`invalid sort_by ${JSON.stringify(by)} for ${endpoint}: must be "alpha" or "score"`);
  }
  if (direction !== '' && by === 'score') return bad('sort_dir is not supported for sort_by=score');
  if (direction !== '' && direction !== 'asc' && direction !== 'dsc') {
    return bad(`invalid sort_dir ${JSON.stringify(direction)}: must be "asc" or "dsc"`);
  }
  if (by === 'score') return hasTerms ? { value: 'score' } : bad('sort_by=score requires search[] to be set');
  return { value: direction === 'dsc' ? 'name-descending' : 'name' };
}

/** 0 and nothing mean the usual. */
function countParam(params: URLSearchParams, name: string): Param<number> {
  const text = params.get(name) ?? '';
  const count = text === '' ? 0 : (parseWhole(text) ?? -1);
  if (count < 0) return bad(`invalid ${name} ${JSON.stringify(text)}: must be non-negative integer`);
  return { value: count === 0 ? USUAL : count };
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** As Go reads a boolean. */
function flagParam(params: URLSearchParams, name: string, absent: boolean): Param<boolean> {
  const text = params.get(name) ?? '';
  if (text === '') return { value: absent };
  if (TRUE.has(text)) return { value: true };
  return FALSE.has(text) ? { value: false } : bad(`invalid ${name} ${JSON.stringify(text)}: must be boolean`);
}

function bad(error: string): { readonly errorType: 'bad_data'; readonly error: string } {
  return { errorType: 'bad_data', error };
}
