import type { Note } from './readers.ts';
import { suggest } from './suggest.ts';
import { type Entry, entryOf, itemsOf, type Tree } from './tree.ts';

/** Notes the approvers of an action or trigger that are teams which are not there. */
export function allowApprovers({ value }: Entry, teams: readonly string[], note: Note): void {
  const approval = entryOf(value, 'approval')?.value;
  const by = approval && entryOf(approval, 'by')?.value;
  for (const item of itemsOf(by)) allowTeam(item, teams, note);
}

/** Notes the channels to be told of a waiting approval which are not there. */
export function allowNotified({ value }: Entry, channels: readonly string[], note: Note): void {
  const approval = entryOf(value, 'approval')?.value;
  const notify = approval && entryOf(approval, 'notify')?.value;
  for (const item of itemsOf(notify)) {
    const name = item.kind === 'scalar' ? item.text : '';
    if (!channels.includes(name)) note(item, `no channel is called ${JSON.stringify(name)}${suggest(name, channels)}`);
  }
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
  const text = tree.kind === 'scalar' ? tree.text : '';
  if (!text.startsWith('team:')) return;
  const name = text.slice('team:'.length);
  if (!teams.includes(name)) note(tree, `no team is called ${JSON.stringify(name)}${suggest(name, teams)}`);
}
