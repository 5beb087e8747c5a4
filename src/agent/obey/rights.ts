import type { Exec, HostUser } from '../../io/exec.ts';
import type { RunOrder } from './refuse.ts';

/** Whose rights the process of an order has. */
export interface Rights {
  /** Null: those of the agent itself. */
  readonly user: HostUser | null;
  /** What tells the process who it is. */
  readonly env: Readonly<Record<string, string>>;
}

/** The rights that an order asks for and this agent's configuration allows; or why it cannot have them. */
export async function takeRights(
  { runAs }: Pick<RunOrder, 'runAs'>,
  exec: Pick<Exec, 'ownUser' | 'findUser'>,
): Promise<Rights | { readonly reason: string }> {
  if (runAs === null) return { user: null, env: {} };
  if (runAs === exec.ownUser()) return { user: null, env: { USER: runAs, LOGNAME: runAs } };
  const found = await exec.findUser(runAs);
  if ('reason' in found) return found;
  const { user } = found;
  return { user, env: { HOME: user.home, USER: user.name, LOGNAME: user.name } };
}
