import { alerts as endpoints } from '../contract/api/alerts.ts';
import type { AnswerOf } from '../contract/infer.ts';
import { type Api, collectPages, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, takeWord } from './command-line.ts';
import { formatMoment, parseCount } from './moments.ts';
import { formatAge, formatPairs, formatTable, plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin alerts [MATCHER...] [filters]            the alerts there are, newest first
tocsin alerts show ID                           one alert: why it fires, who was told, what was done
tocsin alerts acknowledge ID [--comment TEXT]   say that somebody takes care
tocsin alerts unacknowledge ID
tocsin alerts resolve ID [--comment TEXT]       end it by hand; it fires again if its rule still finds it

  MATCHER            Alertmanager's: 'alertname="DiskFull"', 'team=~"a|b"'; all must hold
  --state S,...      pending, firing, resolved; pending and firing if absent
  --severity S,...   critical, error, warning, notice, unknown
  --rule NAME        --host NAME
  --text TEXT        with this in its labels or annotations
  --limit N          at most so many, 100 if absent
  --json             as the API answers
${SERVER_USAGE}`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  state: { type: 'string' },
  severity: { type: 'string' },
  rule: { type: 'string' },
  host: { type: 'string' },
  text: { type: 'string' },
  limit: { type: 'string' },
  comment: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseCommandLine<typeof OPTIONS>>['values'];
type Detail = AnswerOf<(typeof endpoints)['get']>;

export async function alerts(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const [verb, ...rest] = positionals;
    switch (verb) {
      case 'acknowledge':
      case 'unacknowledge':
      case 'resolve': {
        const id = takeWord(rest, 'the id of an alert (tocsin alerts lists them)');
        return withApi(terminal, values, async (api) => {
          const alert = await api.ask(endpoints[verb], { params: { id }, body: { comment: values.comment ?? '' } });
          terminal.stdout.write(
            values.json === true ? `${JSON.stringify(alert)}\n` : `${plain(alert.name)} ${alert.id}: ${outcome(alert)}\n`,
          );
          return 0;
        });
      }
      case 'show': {
        const id = takeWord(rest, 'the id of an alert (tocsin alerts lists them)');
        return withApi(terminal, values, async (api) => {
          const detail = await api.ask(endpoints.get, { params: { id } });
          terminal.stdout.write(values.json === true ? `${JSON.stringify(detail)}\n` : formatDetail(detail));
          return 0;
        });
      }
      default:
        return withApi(terminal, values, (api) => list(api, terminal, { values, matchers: positionals }));
    }
  });
}

function outcome(alert: Detail['alert']): string {
  if (alert.state === 'resolved') return 'resolved';
  return alert.acknowledged === null
    ? `${alert.state}, not acknowledged`
    : `${alert.state}, acknowledged by ${plain(alert.acknowledged.by)}`;
}

async function list(api: Api, terminal: Terminal, { values, matchers }: { values: Values; matchers: readonly string[] }): Promise<number> {
  const { state = 'pending,firing', severity, rule, host, text } = values;
  const filter = matchers.length === 0 ? undefined : matchers.join(',');
  const { items, isAll } = await collectPages(parseCount(values.limit, 'limit', 100), (page) =>
    api.ask(endpoints.list, { query: { state, severity, rule, host, text, filter, ...page } }),
  );
  if (values.json === true) {
    terminal.stdout.write(`${JSON.stringify(items)}\n`);
    return 0;
  }
  const rows = items.map((alert) => [
    alert.id,
    alert.state,
    alert.severity,
    formatAge(terminal.now() - alert.activeAt),
    alert.host ?? '',
    alert.acknowledged?.by ?? '',
    alert.name,
    alert.annotations['summary'] ?? '',
  ]);
  const titles = ['ID', 'STATE', 'SEVERITY', 'SINCE', 'HOST', 'ACKNOWLEDGED', 'ALERT', 'SUMMARY'];
  terminal.stdout.write(rows.length === 0 ? 'No such alerts.\n' : formatTable(titles, rows));
  if (!isAll) terminal.stderr.write('There are more: give a higher --limit, or filters.\n');
  return 0;
}

function formatDetail({ alert, explanation, timeline, messages, runs, recommendations }: Detail): string {
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const head = formatPairs([
    ['alert', `${alert.name} ${alert.id}`],
    ['state', outcome(alert)],
    ['severity', alert.severity],
    ['labels', labels.join(' ')],
    ...Object.entries(alert.annotations),
    ['since', formatMoment(alert.activeAt)],
    ['fired', formatMoment(alert.firedAt)],
    ['resolved', formatMoment(alert.resolvedAt)],
  ]);
  const section = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `\n${title}\n${lines.map((line) => `  ${plain(line)}\n`).join('')}`;
  return (
    head +
    section('Why', explanation) +
    section(
      'Told',
      messages.map((message) => `${formatMoment(message.createdAt)}  ${message.channel}  ${message.state}  ${message.subject}`),
    ) +
    section(
      'Done',
      runs.map((run) => `${run.id}  ${run.action}  ${run.state}${run.verification === null ? '' : `, ${run.verification}`}`),
    ) +
    section(
      'To do',
      recommendations.map((advice) => `${advice.title} (${advice.state})`),
    ) +
    section(
      'Record',
      timeline.map((entry) => `${formatMoment(entry.at)}  ${entry.who}: ${entry.why}`),
    )
  );
}
