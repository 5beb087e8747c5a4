import { personsNamed } from '../actions/notified.ts';
import type { Note } from './readers.ts';
import type { DefinedUser } from './settings.ts';
import { suggest } from './suggest.ts';
import { type Entry, entryOf, itemsOf, type Tree } from './tree.ts';

/** Notes the approvers of an action or trigger that are teams which are not there. */
export function allowApprovers({ value }: Entry, teams: readonly string[], note: Note): void {
  const approval = entryOf(value, 'approval')?.value;
  const by = approval && entryOf(approval, 'by')?.value;
  for (const item of itemsOf(by)) allowTeam(item, teams, note);
}

/** Who there is to be told of a waiting approval. */
export interface Tellable {
  readonly channels: readonly Entry[];
  readonly teams: readonly string[];
  readonly users: ReadonlyMap<string, DefinedUser>;
}

/** Notes what cannot be told of a waiting approval: channels and teams that are not there, persons whom no mail reaches. */
export function allowNotified({ value }: Entry, to: Tellable, note: Note): void {
  const approval = entryOf(value, 'approval')?.value;
  if (approval === undefined) return;
  const named = itemsOf(entryOf(approval, 'notify')?.value);
  const channels = to.channels.map(({ key }) => key);
  for (const item of named) {
    const name = textOf(item);
    if (personsNamed(name) === null) {
      if (!channels.includes(name)) note(item, `no channel is called ${JSON.stringify(name)}${suggest(name, channels)}`);
    } else {
      allowTeam(item, to.teams, note);
      const defined = name.startsWith('user:') ? to.users.get(name.slice('user:'.length)) : undefined;
      if (defined?.email === null) note(item, `${name} has no email in ${defined.source.file ?? ''}:${defined.source.line}`);
    }
  }
  allowMailChannel(entryOf(approval, 'mail_channel')?.value, named, to.channels, note);
}

function allowMailChannel(tree: Tree | undefined, named: readonly Tree[], channels: readonly Entry[], note: Note): void {
  const mails = channels.filter((entry) => textOf(entryOf(entry.value, 'type')?.value) === 'email').map(({ key }) => key);
  if (tree !== undefined) {
    const name = textOf(tree);
    if (!mails.includes(name)) note(tree, `no channel of type email is called ${JSON.stringify(name)}${suggest(name, mails)}`);
    return;
  }
  const person = named.find((item) => personsNamed(textOf(item)) !== null);
  if (person === undefined || mails.length === 1) return;
  note(
    person,
    mails.length === 0
      ? `${textOf(person)} is told by mail, and there is no channel of type email`
      : `${textOf(person)} is told by mail: say by which channel, mail_channel: ${mails[0]}`,
  );
}

function textOf(tree: Tree | undefined): string {
  return tree?.kind === 'scalar' ? tree.text : '';
}

/** Notes an action whose owner is a team which is not there. */
export function allowOwner({ value }: Entry, teams: readonly string[], note: Note): void {
  const owner = entryOf(value, 'owner')?.value;
  if (owner !== undefined) allowTeam(owner, teams, note);
}

/** Notes a recommendation whose responsible is a team which is not there. */
export function allowResponsible({ value }: Entry, teams: readonly string[], note: Note): void {
  const responsible = entryOf(value, 'responsible')?.value;
  if (responsible !== undefined) allowTeam(responsible, teams, note);
}

function allowTeam(tree: Tree, teams: readonly string[], note: Note): void {
  const text = textOf(tree);
  if (!text.startsWith('team:')) return;
  const name = text.slice('team:'.length);
  if (!teams.includes(name)) note(tree, `no team is called ${JSON.stringify(name)}${suggest(name, teams)}`);
}
