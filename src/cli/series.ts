import { series as endpoints } from '../contract/api/series.ts';
import { type Api, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, wrongUsage } from './command-line.ts';
import { formatMoment, MOMENT_USAGE, parseMoment } from './moments.ts';
import { formatBytes } from '../core/base/format-bytes.ts';
import { hold, holds, lift } from './series-hold.ts';
import { recall } from './series-recall.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin series delete SELECTOR... [--from T] [--to T] [--reason TEXT] [--yes] [--json]
tocsin series clean [--json]
tocsin series recall [--from T] [--to T] [--keep LENGTH] [--reason TEXT] [--dry-run] [--json]
tocsin series hold NAME SELECTOR... [--from T] [--to T] --reason TEXT [--json]
tocsin series lift NAME [--reason TEXT]
tocsin series holds [--json]
tocsin series snapshot [NAME] [--skip-head | --with-cold] [--json]
tocsin series snapshots [--remove NAME] [--json]

delete: deletes samples for good. Without --yes it only says how many that would be. The token needs the role "admin".
clean: gets back at once what deleted samples occupy on disk; it happens by itself within hours.
recall: brings the blocks of a time back from the cold folder; after --keep they go there again, or are deleted if their time is over.
hold: lets nothing delete samples of these series, of whole days, until it is lifted: no age, no limit of bytes, no deletion.
holds: lists what is held, and how much that is.
snapshot: makes a copy of all samples as they are now, for a backup, in series/snapshots of the server's data folder.
snapshots: lists them, or removes one.

  --from T, --to T   only samples between these moments, both included
  --keep LENGTH      so long they stay, whatever their age: 7d if absent
  --dry-run          only say how many blocks would come back
  --reason TEXT      stands in the audit log
  --yes              really delete
  --skip-head        leave out what is not in blocks yet
  --with-cold        copy what is in the cold folder as well, which takes time and room
  --json             as the API answers
${SERVER_USAGE}
${MOMENT_USAGE}
  tocsin series delete 'http_requests_total{path=~"/user/.*"}' --from 2d --reason "names of people" --yes
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  from: { type: 'string' },
  to: { type: 'string' },
  reason: { type: 'string' },
  yes: { type: 'boolean' },
  keep: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'skip-head': { type: 'boolean' },
  'with-cold': { type: 'boolean' },
  remove: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Verbs that take words, and how many at most. */
const MOST_WORDS: ReadonlyMap<string, number> = new Map([
  ['hold', 101],
  ['lift', 1],
  ['snapshot', 1],
]);

type Values = ReturnType<typeof parse>['values'];

export async function series(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parse(args);
    const [verb, ...words] = positionals;
    if (verb === 'delete') {
      if (words.length === 0) throw wrongUsage('Give a selector, as in \'up{job="old"}\'.');
      return withApi(terminal, values, (api) => deleteSeries(api, terminal, values, words));
    }
    const work = WORK.get(verb ?? '');
    if (work === undefined)
      throw wrongUsage(
        verb === undefined ? 'Say what to do: delete, clean, recall, hold, lift, holds, snapshot or snapshots.' : `series cannot ${verb}.`,
      );
    if (words.length > (MOST_WORDS.get(verb ?? '') ?? 0)) throw wrongUsage(`There is nothing to do with ${JSON.stringify(words.at(-1))}.`);
    return withApi(terminal, values, (api) => work(api, terminal, values, words));
  });
}

function parse(args: readonly string[]) {
  return parseCommandLine(args, OPTIONS);
}

async function deleteSeries(api: Api, terminal: Terminal, values: Values, match: readonly string[]): Promise<number> {
  const now = terminal.now();
  const asked = {
    match,
    ...(values.from !== undefined && { start: parseMoment(values.from, now) }),
    ...(values.to !== undefined && { end: parseMoment(values.to, now) }),
    ...(values.reason !== undefined && { reason: values.reason }),
  };
  const found = await api.ask(endpoints.delete, { body: { ...asked, dryRun: true } });
  const what = `${found.samples} samples of ${found.series} series`;
  const isWanted = values.yes === true && found.series > 0;
  if (values.json !== true) {
    if (found.series === 0) terminal.stdout.write('There are no such samples.\n');
    else terminal.stdout.write(isWanted ? `Deleting ${what}.\n` : `These are ${what}. Say --yes to delete them; they do not come back.\n`);
  }
  const done = isWanted ? await api.ask(endpoints.delete, { body: asked }) : found;
  if (values.json === true) terminal.stdout.write(`${JSON.stringify(done)}\n`);
  else if (done.deleted) terminal.stdout.write('Deleted.\n');
  return 0;
}

async function clean(api: Api, terminal: Terminal, values: Values): Promise<number> {
  const cleaned = await api.ask(endpoints.clean, { body: {} });
  const { blocks, freedBytes } = cleaned;
  const text =
    blocks === 0 ? 'There was nothing to clean.' : `${blocks} blocks were written anew: ${formatBytes(freedBytes)} are free again.`;
  terminal.stdout.write(values.json === true ? `${JSON.stringify(cleaned)}\n` : `${text}\n`);
  return 0;
}

async function snapshot(api: Api, terminal: Terminal, values: Values, [name]: readonly string[]): Promise<number> {
  const body = { ...(name !== undefined && { name }), skipHead: values['skip-head'] === true, withCold: values['with-cold'] === true };
  const made = await api.ask(endpoints.snapshot, { body });
  const text = `${made.name}: ${made.samples} samples in ${made.blocks} blocks, ${formatBytes(made.bytes)}, in series/snapshots of the data folder.`;
  const leftOut =
    made.leftOut === 0
      ? ''
      : `${made.leftOut} blocks are not in it${made.coldPlace === null ? '' : `: the cold ones are in ${made.coldPlace}`}.\n`;
  terminal.stdout.write(values.json === true ? `${JSON.stringify(made)}\n` : `${text}\n${leftOut}`);
  return 0;
}

async function snapshots(api: Api, terminal: Terminal, values: Values): Promise<number> {
  if (values.remove !== undefined) {
    await api.ask(endpoints.removeSnapshot, { params: { name: values.remove } });
    return 0;
  }
  const { items } = await api.ask(endpoints.snapshots);
  if (values.json === true) terminal.stdout.write(`${JSON.stringify(items)}\n`);
  else if (items.length === 0) terminal.stdout.write('There are no snapshots.\n');
  else {
    const rows = items.map((one) => [
      one.name,
      formatMoment(one.at),
      String(one.samples),
      formatBytes(one.bytes),
      formatMoment(one.from),
      formatMoment(one.to),
    ]);
    terminal.stdout.write(formatTable(['NAME', 'MADE', 'SAMPLES', 'SIZE', 'FROM', 'TO'], rows));
  }
  return 0;
}

const WORK: ReadonlyMap<string, (api: Api, terminal: Terminal, values: Values, words: readonly string[]) => Promise<number>> = new Map([
  ['hold', hold],
  ['holds', holds],
  ['lift', lift],
  ['clean', clean],
  ['recall', recall],
  ['snapshot', snapshot],
  ['snapshots', snapshots],
]);
