import { keeping } from '../contract/api/keeping.ts';
import { series as endpoints } from '../contract/api/series.ts';
import type { Api } from './api.ts';
import { wrongUsage } from './command-line.ts';
import { formatMoment, parseMoment } from './moments.ts';
import { formatBytes } from '../core/base/format-bytes.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface HoldValues {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Lets nothing delete the samples of selectors. */
export async function hold(api: Api, terminal: Terminal, values: HoldValues, words: readonly string[]): Promise<number> {
  const [name, ...match] = words;
  if (name === undefined || match.length === 0) throw wrongUsage(`Give a name and a selector, as in "hold case-1 '{job="db"}'".`);
  if (values.reason === undefined) throw wrongUsage('Say why, with --reason: it stands in the audit log.');
  const now = terminal.now();
  const made = await api.ask(keeping.hold, {
    body: {
      name,
      match,
      ...(values.from !== undefined && { start: parseMoment(values.from, now) }),
      ...(values.to !== undefined && { end: parseMoment(values.to, now) }),
      reason: values.reason,
    },
  });
  const begin = formatMoment(made.from) || 'the first sample';
  const text = `${name} holds whole days, from ${begin} ${made.to === null ? 'on' : `to ${formatMoment(made.to)}`}.`;
  terminal.stdout.write(values.json === true ? `${JSON.stringify(made)}\n` : `${text}\n`);
  return 0;
}

/** Ends a hold. */
export async function lift(api: Api, terminal: Terminal, values: HoldValues, words: readonly string[]): Promise<number> {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0) throw wrongUsage('Give the name of one hold.');
  await api.ask(keeping.lift, { params: { name }, body: { ...(values.reason !== undefined && { reason: values.reason }) } });
  if (values.json !== true) terminal.stdout.write(`${name} is lifted.\n`);
  return 0;
}

/** Lists what is held. */
export async function holds(api: Api, terminal: Terminal, values: HoldValues): Promise<number> {
  const { held } = await api.ask(endpoints.status, { query: { top: '1' } });
  if (values.json === true) terminal.stdout.write(`${JSON.stringify(held)}\n`);
  else if (held.holds.length === 0) terminal.stdout.write('Nothing is held.\n');
  else {
    const rows = held.holds.map((one) => [
      one.name,
      one.match.join(', '),
      formatMoment(one.from),
      formatMoment(one.to),
      String(one.series),
      formatBytes(one.bytes),
      one.by,
      formatMoment(one.since),
      one.reason,
    ]);
    terminal.stdout.write(formatTable(['NAME', 'MATCH', 'FROM', 'TO', 'SERIES', 'KEEPS', 'BY', 'SINCE', 'REASON'], rows));
    if (held.overdueBlocks > 0)
      terminal.stdout.write(`${held.overdueBlocks} blocks of ${formatBytes(held.overdueBytes)} would be deleted by now.\n`);
  }
  if (held.problem !== null) terminal.stderr.write(`Everything is held: ${held.problem}\n`);
  return held.problem === null ? 0 : 1;
}
