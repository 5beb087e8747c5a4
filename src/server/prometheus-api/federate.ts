import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatProblem } from '../../core/base/problem.ts';
import { type Labels, NAME, sortedNames } from '../../core/base/labels.ts';
import { formatShortest } from '../../core/promql/number.ts';
import { parseMetricSelector } from '../../core/promql/parse-metric-selector.ts';
import { formatSeriesText } from '../../core/wire/series-text.ts';
import type { ServerParts } from '../parts.ts';
import { escapeName } from './escape-name.ts';
import { readParams } from './params.ts';
import type { StoredSamples } from './series-part.ts';

const MOST_SAMPLES = 5_000_000;

/** `/federate`: the last sample of each series that a `match[]` selects, as text that a Prometheus scrapes. */
export function serveFederation(server: FastifyInstance, parts: ServerParts): void {
  const config = { gate: { access: 'read', basic: true, errors: 'text' } } as const;
  server.get('/federate', { config }, (request, reply) => federate(parts, request, reply));
}

async function federate({ world, series }: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = readParams(request).getAll('match[]').map(parseMetricSelector);
  const problems = parsed.flatMap((one) => one.problems);
  if (problems.length > 0)
    return reply
      .code(400)
      .type(TEXT)
      .send(`${problems.map(formatProblem).join('\n')}\n`);
  const selectors = parsed.map(({ value }) => (value?.matchers ?? []).map(({ name, op, value: text }) => ({ name, op, value: text })));
  const end = world.clock.now();
  // A sample exactly as old as the look-back no longer counts.
  const start = end - series.limits.lookback + 1;
  const stored = await series.stored({ selectors, start, end, which: 'last', sampleLimit: MOST_SAMPLES });
  if ('error' in stored) return reply.code(422).type(TEXT).send(`${stored.error}\n`);
  const format = negotiate(request.headers.accept ?? '');
  return reply.type(format.contentType).send(formatFederated(stored, format.keepsNames));
}

const TEXT = 'text/plain; charset=utf-8';

interface Format {
  readonly contentType: string;
  /** Names that need quotes are written in quotes; else with `_` for what must not stand in a name. */
  readonly keepsNames: boolean;
}

/** The text format in the version and with the names that the client takes. */
function negotiate(accept: string): Format {
  for (const part of accept.split(',')) {
    const [type, ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
    if (type !== 'text/plain') continue;
    const keepsNames = parameters.includes('escaping=allow-utf-8');
    const version = parameters.includes('version=1.0.0') ? '1.0.0' : '0.0.4';
    return { contentType: `text/plain; version=${version}; charset=utf-8${keepsNames ? '; escaping=allow-utf-8' : ''}`, keepsNames };
  }
  return { contentType: 'text/plain; version=0.0.4; charset=utf-8', keepsNames: false };
}

interface Line {
  readonly name: string;
  readonly key: string;
  readonly text: string;
}

/** Native histograms have no text; series without a name cannot be written. */
function formatFederated({ labels, ends, times, values, stale }: StoredSamples, keepsNames: boolean): string {
  const lines: Line[] = [];
  for (const [index, one] of labels.entries()) {
    const at = (ends[index] ?? 0) - 1;
    const name = one[NAME] ?? '';
    if (stale[at] !== 0 || name === '') continue;
    const shown = keepsNames ? name : escapeName(name);
    const series = formatSeriesText(shown, pairsOf(one, keepsNames));
    lines.push({ name: shown, key: series, text: `${series} ${formatShortest(values[at] ?? 0)} ${times[at] ?? 0}\n` });
  }
  lines.sort((a, b) => order(a.name, b.name) || order(a.key, b.key));
  let text = '';
  let family = '';
  for (const line of lines) {
    if (line.name !== family) text += `# TYPE ${formatFamily(line.name)} untyped\n`;
    family = line.name;
    text += line.text;
  }
  return text;
}

/** Where the same series is scraped from several servers, `instance` keeps them apart: it is never missing. */
function pairsOf(labels: Labels, keepsNames: boolean): (readonly [string, string])[] {
  const names = sortedNames(labels).filter((name) => name !== NAME);
  const pairs = names.map((name) => [keepsNames ? name : escapeName(name), labels[name] ?? ''] as const);
  return labels['instance'] === undefined ? [...pairs, ['instance', ''] as const] : pairs;
}

function formatFamily(name: string): string {
  return escapeName(name) === name ? name : JSON.stringify(name);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
