import { MAIL_ADDRESS } from '../access/mail-address.ts';
import { fullText, listOf, type Note, oneOf, optional, record, required } from './readers.ts';
import type { DefinedUser } from './settings.ts';
import { checked, sourceOf } from './shared-readers.ts';
import type { Entry } from './tree.ts';

const team = record({ members: required(listOf(fullText)) }, ['contact', 'schedule', 'role']);
const address = checked(fullText, (text) => (MAIL_ADDRESS.test(text) ? null : `${JSON.stringify(text)} is no mail address`));
const user = record({ role: required(oneOf('viewer', 'operator', 'admin')), email: optional(address, null) }, [
  'phone',
  'channels',
  'password',
]);

/** A team of the section `teams`: the names of its members. */
export function parseTeam({ value: tree }: Entry, note: Note): readonly string[] | undefined {
  return team(tree, note)?.members;
}

/** A user of the section `users`; the password is set by a link, never written here. */
export function parseUser({ at, value: tree }: Entry, note: Note): DefinedUser | undefined {
  const value = user(tree, note);
  return value && { role: value.role, email: value.email, source: sourceOf(at) };
}
