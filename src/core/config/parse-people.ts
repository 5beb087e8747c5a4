import { type Role } from '../access/actor.ts';
import type { Source } from '../rules/rule.ts';
import { fullText, listOf, type Note, oneOf, record, required } from './readers.ts';
import { sourceOf } from './shared-readers.ts';
import type { Entry } from './tree.ts';

const team = record({ members: required(listOf(fullText)) }, ['contact', 'schedule', 'role']);
const user = record({ role: required(oneOf('viewer', 'operator', 'admin')) }, ['mail', 'phone', 'channels', 'password']);

/** A team of the section `teams`: the names of its members. */
export function parseTeam({ value: tree }: Entry, note: Note): readonly string[] | undefined {
  return team(tree, note)?.members;
}

/** A user of the section `users`; the password is set by a link, never written here. */
export function parseUser({ at, value: tree }: Entry, note: Note): { readonly role: Role; readonly source: Source } | undefined {
  const value = user(tree, note);
  return value && { role: value.role, source: sourceOf(at) };
}
