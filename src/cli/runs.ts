import { runs as endpoints } from '../contract/api/runs.ts';
import { type Api, collectPages, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { failed, parseCommandLine, runCommand, takeWord } from './command-line.ts';
import { formatMoment, MOMENT_USAGE, parseCount, parseMoment } from './moments.ts';
import { formatRun } from './format-run.ts';
import { formatScript } from './format-work.ts';
import { formatTable, plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin runs [filters]             the archive: every attempt, newest first
tocsin runs show RUN             one run with its timeline
tocsin runs output RUN           its output

  --state S,...      "awaiting approval", queued, running, succeeded, failed, "timed out", refused, unknown ...
  --action NAME      --host NAME      --alert ID
  --requested-by WHO user:NAME, token:NAME or trigger:NAME
  --verification V   waiting, fixed, "not fixed" or "made worse"
  --text TEXT        with this in its command, comment or reason
  --from T --to T    asked for in this time
  --limit N          at most so many, 50 if absent
  --json             as the API answers
${SERVER_USAGE}
${MOMENT_USAGE}`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  state: { type: 'string' },
  action: { type: 'string' },
  host: { type: 'string' },
  alert: { type: 'string' },
  'requested-by': { type: 'string' },
  verification: { type: 'string' },
  text: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseCommandLine<typeof OPTIONS>>['values'];

export async function runs(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const [verb, ...rest] = positionals;
    if (verb === undefined) return withApi(terminal, values, (api) => list(api, terminal, values));
    if (verb !== 'show' && verb !== 'output') takeWord([], 'show RUN or output RUN');
    const id = takeWord(rest, 'the id of a run (tocsin runs lists them)');
    return withApi(terminal, values, async (api) => {
      if (verb === 'output') return printOutput(api, terminal, id);
      const detail = await api.ask(endpoints.get, { params: { id } });
      if (values.json === true) terminal.stdout.write(`${JSON.stringify(detail)}\n`);
      else {
        const lines = detail.timeline.map((entry) => `  ${formatMoment(entry.at)}  ${plain(entry.who)}: ${plain(entry.why)}\n`);
        const script = detail.work === null ? '' : formatScript(detail.work);
        terminal.stdout.write(`${formatRun(detail.run, detail.work)}\n${script}Record\n${lines.join('')}`);
      }
      return 0;
    });
  });
}

async function list(api: Api, terminal: Terminal, values: Values): Promise<number> {
  const { state, action, host, alert, verification, text, from, to } = values;
  const now = terminal.now();
  const filters = {
    state,
    action,
    host,
    alert,
    requestedBy: values['requested-by'],
    verification,
    text,
    from: from === undefined ? undefined : String(parseMoment(from, now)),
    to: to === undefined ? undefined : String(parseMoment(to, now)),
  };
  const { items, isAll } = await collectPages(parseCount(values.limit, 'limit', 50), (page) =>
    api.ask(endpoints.list, { query: { ...filters, ...page } }),
  );
  if (values.json === true) {
    terminal.stdout.write(`${JSON.stringify(items)}\n`);
    return 0;
  }
  const rows = items.map((run) => [
    run.id,
    formatMoment(run.triggeredAt),
    run.action,
    run.host,
    run.state,
    run.verification ?? '',
    run.exitCode === null ? '' : String(run.exitCode),
    run.requestedBy,
    run.final && run.state !== 'succeeded' ? run.reason : '',
  ]);
  const titles = ['RUN', 'ASKED', 'ACTION', 'HOST', 'STATE', 'VERIFIED', 'EXIT', 'BY', 'WHY'];
  terminal.stdout.write(rows.length === 0 ? 'No such runs.\n' : formatTable(titles, rows));
  if (!isAll) terminal.stderr.write('There are more: give a higher --limit, or filters.\n');
  return 0;
}

async function printOutput(api: Api, terminal: Terminal, id: string): Promise<number> {
  const { status, body } = await api.send({ method: 'GET', path: `/api/runs/${encodeURIComponent(id)}/output` });
  if (status !== 200) throw failed(`There is no run ${plain(id)}.`);
  terminal.stdout.write(body);
  return 0;
}
