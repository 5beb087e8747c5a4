/** A user of this host, as its user and group databases have it. */
export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All of its groups, the primary one among them. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** Runs a program of the system; null: there is none of that name, or it did not end in time. */
export type AskTool = (program: string, args: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string } | null>;

/** From setpriv(1): it takes the rights and then becomes the command, under the same process number. */
const SWITCH = 'setpriv';

/** Looks a user up in all sources that the system knows (files, directories): what `getent` and `id` say counts. */
export async function findHostUser(name: string, ask: AskTool): Promise<{ readonly user: HostUser } | { readonly reason: string }> {
  const [entry, ids] = await Promise.all([ask('getent', ['passwd', name]), ask('id', ['-G', name])]);
  if (entry === null || ids === null) return { reason: `whether there is a user ${name} cannot be asked: getent or id does not answer` };
  const [shown = '', , uid = '', gid = '', , home = ''] = entry.output.trim().split(':');
  const groups = ids.output.trim().split(/\s+/);
  if (entry.exitCode !== 0 || ids.exitCode !== 0 || ![uid, gid, ...groups].every((id) => /^\d{1,10}$/.test(id))) {
    return { reason: `there is no user ${name} on this host` };
  }
  const user = { name: shown, uid: Number(uid), gid: Number(gid), groups: groups.map(Number), home: home.startsWith('/') ? home : '/' };
  const [program = '', ...args] = switchArgv(user);
  const switched = program === '' ? { exitCode: 0 } : await ask(program, [...args, 'true']);
  return switched?.exitCode === 0
    ? { user }
    : { reason: `${name} belongs to further groups, and giving them to a process needs ${SWITCH} of util-linux, which is not here` };
}

/**
 * What stands before a command so that it has all groups of the user. Empty: the runtime itself can do it, because it takes the primary
 * group and drops every other one.
 */
export function switchArgv({ uid, gid, groups }: Pick<HostUser, 'uid' | 'gid' | 'groups'>): readonly string[] {
  if (groups.every((group) => group === gid)) return [];
  return [SWITCH, '--reuid', String(uid), '--regid', String(gid), '--groups', [...new Set([gid, ...groups])].join(','), '--'];
}
