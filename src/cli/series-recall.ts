import { setTimeout } from 'node:timers/promises';
import { keeping } from '../contract/api/keeping.ts';
import { series as endpoints } from '../contract/api/series.ts';
import type { Api } from './api.ts';
import { failed, wrongUsage } from './command-line.ts';
import { formatMoment, parseLength, parseMoment } from './moments.ts';
import { formatBytes } from '../core/base/format-bytes.ts';
import type { Terminal } from './terminal.ts';

export interface RecallValues {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly keep?: string | undefined;
  readonly reason?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const LOOK_EVERY = 300;

/** Brings blocks back from the cold folder and says how far it is; exit code 1 when some did not come. */
export async function recall(api: Api, terminal: Terminal, values: RecallValues): Promise<number> {
  const { from, to } = values;
  if (from === undefined && to === undefined) throw wrongUsage('Say which time is to come back, with --from and --to.');
  const now = terminal.now();
  const asked = await api.ask(keeping.recall, {
    body: {
      ...(from !== undefined && { start: parseMoment(from, now) }),
      ...(to !== undefined && { end: parseMoment(to, now) }),
      ...(values.keep !== undefined && { keep: parseLength(values.keep, 'keep') }),
      ...(values.reason !== undefined && { reason: values.reason }),
      dryRun: values['dry-run'] === true,
    },
  });
  const { blocks, bytes, back, until, unreadable, started } = asked;
  const isText = values.json !== true;
  if (!isText && !started) terminal.stdout.write(`${JSON.stringify(asked)}\n`);
  if (isText) {
    if (blocks > 0)
      terminal.stdout.write(
        `${blocks} blocks of ${formatBytes(bytes)} ${started ? 'come' : 'would come'} back, until ${formatMoment(until)}.\n`,
      );
    if (back > 0) terminal.stdout.write(`${back} blocks are back already${started ? `, and stay until ${formatMoment(until)}` : ''}.\n`);
    if (blocks + back === 0) terminal.stdout.write('There are no cold blocks of that time.\n');
  }
  if (started) return follow(api, terminal, isText);
  for (const { name, problem } of unreadable) terminal.stderr.write(`Cannot be read: ${name}: ${problem}\n`);
  return unreadable.length === 0 ? 0 : 1;
}

async function follow(api: Api, terminal: Terminal, isText: boolean): Promise<number> {
  let said = -1;
  for (;;) {
    const { recall: now } = await api.ask(endpoints.status, { query: { top: '1' } });
    if (now === null) throw failed('The server was started anew meanwhile: ask again, what is back is back.');
    const done = now.done + now.failed.length;
    if (done !== said && now.blocks > 0) terminal.stderr.write(`${now.done} of ${now.blocks} blocks\n`);
    said = done;
    if (now.endedAt === null) {
      await setTimeout(LOOK_EVERY);
      continue;
    }
    if (!isText) terminal.stdout.write(`${JSON.stringify(now)}\n`);
    else if (now.done > 0) terminal.stdout.write(`${now.done} blocks are back.\n`);
    for (const { name, problem } of now.failed) terminal.stderr.write(`Not back: ${name}: ${problem}\n`);
    return now.failed.length === 0 ? 0 : 1;
  }
}
