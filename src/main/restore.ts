import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { failed, parseCommandLine, runCommand, wrongUsage } from '../cli/command-line.ts';
import { MOMENT_USAGE, parseMoment } from '../cli/moments.ts';
import { holdLock } from '../io/process-lock.ts';
import { restoreSeries } from '../io/series/restore.ts';
import { VERSION } from './installation.ts';

const USAGE = `tocsin restore --series PATH [--data DIR] [--from T] [--to T] [--json]

Brings samples back into a data folder that no server works on. Nothing is overwritten: where there are samples already, it refuses.

  --series PATH      a snapshot, a copy of a data folder, or a folder of blocks (a store's part of a cold folder)
  --data DIR         data folder, ./data if absent (TOCSIN_DATA); may be new
  --from T, --to T   only samples between these moments, both included
  --json             what was restored, as JSON
${MOMENT_USAGE}
  tocsin restore --series /backup/nightly --data /var/lib/tocsin
`;

const OPTIONS = {
  series: { type: 'string' },
  data: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `tocsin restore`: whoever may write the data folder may do this. */
export async function restoreCommand(args: readonly string[]): Promise<number> {
  return runCommand(process, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    if (positionals.length > 0 || values.series === undefined) throw wrongUsage('Say what to restore with --series PATH.');
    const now = Date.now();
    const from = values.from === undefined ? Number.MIN_SAFE_INTEGER : parseMoment(values.from, now);
    const to = values.to === undefined ? Number.MAX_SAFE_INTEGER : parseMoment(values.to, now);
    const data = resolve(values.data ?? process.env['TOCSIN_DATA'] ?? 'data');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const lockFile = join(data, 'tocsin.pid');
    const lock = holdLock(lockFile, VERSION);
    if (lock.kind === 'taken')
      throw failed(`A server (process ${lock.by.pid}) works on ${data}. Stop it, or give another folder with --data.`);
    try {
      const onBlock = (done: number, total: number): void => {
        process.stderr.write(`${done} of ${total} blocks\n`);
      };
      const restored = await restoreSeries({ source: resolve(values.series), into: join(data, 'series'), from, to, onBlock });
      if ('error' in restored) throw failed(`Nothing was restored: ${restored.error}.`);
      const text = `${restored.samples} samples in ${restored.blocks} blocks are restored.`;
      process.stdout.write(values.json === true ? `${JSON.stringify(restored)}\n` : `${text}\n`);
      for (const one of restored.unreadable) process.stderr.write(`Not restored: ${one}\n`);
      return restored.unreadable.length === 0 ? 0 : 1;
    } finally {
      rmSync(lockFile, { force: true });
    }
  });
}
