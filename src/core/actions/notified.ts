import type { Settings } from '../config/settings.ts';
import type { ApprovalPolicy } from './action.ts';

/** Who is told that a run waits: channels, and persons each by a mail of their own. */
export interface Notified {
  readonly channels: readonly string[];
  /** Names of users, each once. */
  readonly persons: readonly string[];
}

/** What `user:alice` or `team:storage` in `approval.notify` names, or null when it is a channel. */
export function personsNamed(entry: string): { readonly kind: 'user' | 'team'; readonly name: string } | null {
  const [, kind, name = ''] = /^(user|team):(.+)$/.exec(entry) ?? [];
  return kind === 'user' || kind === 'team' ? { kind, name } : null;
}

/** Everybody whom a policy tells, teams as their present members. */
export function notifiedOf(policy: ApprovalPolicy, teams: Settings['teams']): Notified {
  const persons = policy.notify.flatMap((entry) => {
    const named = personsNamed(entry);
    if (named === null) return [];
    return named.kind === 'user' ? [named.name] : (teams.get(named.name) ?? []);
  });
  return { channels: [...new Set(policy.notify.filter((entry) => personsNamed(entry) === null))], persons: [...new Set(persons)] };
}

/** The channel that carries the mails to persons: the named one, or the only one of type email; null when there is none. */
export function mailChannelOf(policy: ApprovalPolicy, channels: Settings['channels']): string | null {
  if (policy.mailChannel !== null) return channels.get(policy.mailChannel)?.type === 'email' ? policy.mailChannel : null;
  const [only, ...others] = [...channels.values()].filter(({ type }) => type === 'email');
  return only === undefined || others.length > 0 ? null : only.name;
}
