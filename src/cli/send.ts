import { type Labels, NAME } from '../core/base/labels.ts';
import { parseNumber } from '../core/promql/number.ts';
import { parseJson, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { failed, parseCommandLine, runCommand, wrongUsage } from './command-line.ts';
import { MOMENT_USAGE, parseMoment } from './moments.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin send NAME VALUE [--label KEY=VALUE]... [--time T]

Writes one sample, as a script or a cron job does it. The token needs the role "ingest" or "admin".

  --label KEY=VALUE  a label of the series; may be given several times
  --time T           the moment, now if absent
${SERVER_USAGE}
${MOMENT_USAGE}
  tocsin send backup_last_success_timestamp_seconds "$(date +%s)" --label job=backup
`;

const OPTIONS = { ...SERVER_OPTIONS, label: { type: 'string', multiple: true }, time: { type: 'string' } } as const;
/** A value that the reading of options would take for an option. */
const NEGATIVE = /^-(?:\d+\.?\d*|\.\d+|inf)(?:e[+-]?\d+)?$/i;
const WORDS: ReadonlyMap<number, string> = new Map([
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
]);

export async function send(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const negative = args.filter((arg) => NEGATIVE.test(arg));
    const { values, positionals } = parseCommandLine(
      args.filter((arg) => !NEGATIVE.test(arg)),
      OPTIONS,
    );
    const [name = '', ...rest] = positionals;
    const [written, more] = [...rest, ...negative];
    if (name === '') throw wrongUsage('Give the name of a metric.');
    if (written === undefined) throw wrongUsage('Give a value.');
    if (more !== undefined) throw wrongUsage(`There is nothing to do with ${JSON.stringify(more)}.`);
    const value = parseNumber(written);
    if (value === null) throw wrongUsage(`${JSON.stringify(written)} is no number.`);
    const now = terminal.now();
    const at = values.time === undefined ? now : parseMoment(values.time, now);
    const metric = { ...labelsOf(values.label ?? []), [NAME]: name };
    const line = JSON.stringify({ metric, values: [Number.isNaN(value) ? null : (WORDS.get(value) ?? value)], timestamps: [at] });
    return withApi(terminal, values, async (api) => {
      const headers = { 'content-type': 'application/x-ndjson' };
      const { status, body } = await api.send({ method: 'POST', path: '/api/v1/import', headers, body: `${line}\n` });
      const why = whyNot(status, parseJson(body));
      if (why !== null) throw failed(plain(why));
      return 0;
    });
  });
}

function labelsOf(pairs: readonly string[]): Labels {
  const labels: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals < 1) throw wrongUsage(`--label ${pair} is no KEY=VALUE`);
    if (name === NAME) throw wrongUsage('The name of the metric is the first word, not a label.');
    if (Object.hasOwn(labels, name)) throw wrongUsage(`The label ${name} is given twice.`);
    labels[name] = pair.slice(equals + 1);
  }
  return labels;
}

/** Why the sample is not there; null: it is. */
function whyNot(status: number, answer: unknown): string | null {
  const told =
    typeof answer === 'object' && answer !== null ? (answer as { samples?: unknown; refused?: unknown; problems?: unknown }) : {};
  if (status === 200 && told.samples === 1) return null;
  const reasons = typeof told.refused === 'object' && told.refused !== null ? Object.keys(told.refused) : [];
  const problems = Array.isArray(told.problems) ? told.problems.map(String) : [];
  const all = [...reasons, ...problems];
  return all.length === 0 ? `The sample was not taken: status ${status}.` : `The sample was not taken: ${all.join(', ')}.`;
}
