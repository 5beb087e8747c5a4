import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { SYSTEM, type Actor } from '../core/access/actor.ts';
import { failed, parseCommandLine, runCommand, takeWord, wrongUsage } from '../cli/command-line.ts';
import { formatMoment } from '../cli/moments.ts';
import { formatTable } from '../cli/table.ts';
import { openStore } from '../io/db/open-store.ts';
import { openSecrets, type Secrets } from '../io/secrets.ts';

const USAGE = `tocsin secret set NAME [--data DIR]       keeps the value that comes on stdin, encrypted
tocsin secret list [--data DIR] [--json]  the names; values are never shown
tocsin secret remove NAME [--data DIR]

What { secret: NAME } in the configuration and parameters of type secret refer to. Works on the data folder (TOCSIN_DATA, ./data if absent),
also while the server runs; TOCSIN_MASTER_KEY or TOCSIN_MASTER_KEY_FILE as for the server.

  printf %s "$PASSWORD" | tocsin secret set smtp
`;

const OPTIONS = { data: { type: 'string' }, json: { type: 'boolean' } } as const;
const OPERATOR: Actor = { ...SYSTEM, name: 'command line' };
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;
const LONGEST_VALUE = 64 * 1024;

/** `tocsin secret`: whoever may read the data folder may do this. */
export async function secretCommand(args: readonly string[]): Promise<number> {
  return runCommand(process, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const [verb, ...words] = positionals;
    const folder = resolve(values.data ?? process.env['TOCSIN_DATA'] ?? 'data');
    switch (verb) {
      case 'set': {
        const name = takeWord(words, 'the name of the secret');
        if (!NAME.test(name)) throw wrongUsage(`${JSON.stringify(name)} cannot be the name of a secret: letters, digits and _ . - only`);
        const value = await readValue();
        return withSecrets(folder, (secrets) => secrets.put(name, value, OPERATOR));
      }
      case 'remove': {
        const name = takeWord(words, 'the name of the secret');
        return withSecrets(folder, async (secrets) => {
          if (!(await secrets.remove(name, OPERATOR))) throw failed(`There is no secret ${JSON.stringify(name)}.`);
        });
      }
      case 'list': {
        if (words.length > 0) throw wrongUsage('list takes no words.');
        return withSecrets(folder, async (secrets) => {
          const names = await secrets.list();
          const rows = names.map(({ name, createdAt, updatedAt }) => [name, formatMoment(createdAt), formatMoment(updatedAt)]);
          process.stdout.write(values.json === true ? `${JSON.stringify(names)}\n` : formatTable(['SECRET', 'MADE', 'CHANGED'], rows));
        });
      }
      default:
        throw wrongUsage('Say set, list or remove.');
    }
  });
}

/** A newline at the end belongs to the file or terminal, not to the value. */
async function readValue(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Type the value, then Enter and Ctrl-D:\n');
  const value = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value === '') throw failed('The value comes on stdin, and there was nothing.');
  if (value.length > LONGEST_VALUE) throw failed(`The value is longer than ${LONGEST_VALUE} characters.`);
  return value;
}

async function withSecrets(folder: string, work: (secrets: Secrets) => Promise<void>): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const store = await openStore({ path: join(folder, 'state.db') });
  try {
    const { env } = process;
    const key = env['TOCSIN_MASTER_KEY'] ?? null;
    const keyFile = env['TOCSIN_MASTER_KEY_FILE'] ?? null;
    await work(await openSecrets({ folder, boxes: store.secrets, key, keyFile, env, now: () => Date.now() }).catch(tellWhy));
    return 0;
  } finally {
    await store.close();
  }
}

function tellWhy(error: unknown): never {
  throw failed(error instanceof Error ? error.message : String(error));
}
