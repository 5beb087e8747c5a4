import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatProblem, type Problem } from '../core/base/problem.ts';
import { MAIL_ADDRESS } from '../core/access/mail-address.ts';
import { SYSTEM, ROLES, type Principal, type Role } from '../core/access/actor.ts';
import { inviteUser } from '../engine/commands/accounts.ts';
import type { Accounts } from '../engine/commands/credentials.ts';
import { createToken } from '../engine/commands/tokens.ts';
import { openStore } from '../io/db/open-store.ts';
import { randomSecret, sha256Hex } from '../io/digest.ts';
import { hashPassword, verifyPassword } from '../io/passwords.ts';
import { loadSettings } from './load-settings.ts';
import { localAgentPlace } from './local-agent.ts';
import { PROGRAM } from './installation.ts';

const TOKEN_USAGE = `tocsin token create NAME --role ROLE [--action NAME]... [--data DIR] [--config FILE]

Creates a token and prints it; it is shown this once. Roles: ${ROLES.join(', ')}. With --action it may run these actions and do nothing else.
Works on the data folder, also while the server runs.
`;
const USER_USAGE = `tocsin user add NAME --role ROLE [--email ADDRESS] [--data DIR] [--config FILE]

Invites a person (viewer, operator or admin) and prints a one-time link with which they set their password. With --email mails
that ask for their decision reach them.
`;

/** Whoever may read the data folder may do this. */
const OPERATOR: Principal = { actor: { ...SYSTEM, name: 'command line' }, role: 'admin', teams: [], actions: null };

interface Flags {
  readonly name: string;
  readonly role: Role;
  readonly actions: readonly string[] | null;
  readonly email: string | null;
  readonly data: string;
  readonly config: string | null;
}

export async function tokenCommand(args: readonly string[]): Promise<number> {
  return withAccounts(args, { verb: 'create', usage: TOKEN_USAGE }, async (accounts, flags) => {
    const created = await createToken(accounts, OPERATOR, {
      name: flags.name,
      role: flags.role,
      actions: flags.actions === null ? null : [...flags.actions],
      expiresInMs: null,
    });
    return 'error' in created ? created : { ok: created.ok.secret };
  });
}

export async function userCommand(args: readonly string[]): Promise<number> {
  return withAccounts(args, { verb: 'add', usage: USER_USAGE }, async (accounts, flags) => {
    const { role, email } = flags;
    if (email !== null && !MAIL_ADDRESS.test(email)) return { error: { message: `${JSON.stringify(email)} is no mail address.` } };
    if (role === 'agent' || role === 'ingest') return { error: { message: `A person cannot have the role ${role}.` } };
    const invited = await inviteUser(accounts, OPERATOR, { name: flags.name, role, email });
    return 'error' in invited ? invited : { ok: invited.ok.link };
  });
}

type Answer = { readonly ok: string } | { readonly error: { readonly message: string; readonly problems?: readonly Problem[] } };

async function withAccounts(
  args: readonly string[],
  command: { readonly verb: string; readonly usage: string },
  act: (accounts: Accounts, flags: Flags) => Promise<Answer>,
): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(command.usage);
    return 0;
  }
  const flags = parseFlags(args, command.verb);
  if (typeof flags === 'string') {
    process.stderr.write(`${flags}\n\n${command.usage}`);
    return 2;
  }
  const { demoFile } = localAgentPlace(flags.data);
  const settings = await loadSettings({ config: flags.config, builtIn: { program: PROGRAM, demoFile }, listen: () => null })();
  const store = await openStore({ path: join(flags.data, 'state.db') });
  try {
    if (settings.value === null) throw new Error('the configuration is wrong: tocsin check-config says where');
    const current = settings.value;
    const startedAt = Date.now();
    const world = { clock: { now: () => Date.now(), startedAt }, store };
    const credentials = { digest: sha256Hex, secret: randomSecret, hashPassword, verifyPassword };
    const answer = await act({ world, settings: () => current, credentials }, flags);
    if ('error' in answer) throw new Error([answer.error.message, ...(answer.error.problems ?? []).map(formatProblem)].join('\n  '));
    process.stdout.write(`${answer.ok}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await store.close();
  }
}

function parseFlags(args: readonly string[], verb: string): Flags | string {
  const text = { type: 'string' } as const;
  try {
    const options = { role: text, email: text, action: { type: 'string', multiple: true }, data: text, config: text } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    const [said, name, ...more] = positionals;
    if (said !== verb || name === undefined || more.length > 0) return `say ${verb} and one name`;
    const role = ROLES.find((known) => known === values.role);
    if (role === undefined) return `give a role: --role ${ROLES.join(' | ')}`;
    const data = resolve(values.data ?? process.env['TOCSIN_DATA'] ?? 'data');
    const email = values.email ?? null;
    if (verb !== 'add' && email !== null) return 'a token has no mail address';
    return { name, role, email, actions: values.action ?? null, data, config: values.config ?? process.env['TOCSIN_CONFIG'] ?? null };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
