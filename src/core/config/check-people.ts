import type { Note } from './readers.ts';
import { suggest } from './suggest.ts';
import type { Entry, Tree } from './tree.ts';

/** Notes the approvers of an action or trigger that are teams which are not there. */
export function allowApprovers({ value }: Entry, teams: readonly string[], note: Note): void {
  const approval = child(value, 'approval');
  const by = approval === undefined ? undefined : child(approval, 'by');
  if (by?.kind === 'list') for (const item of by.items) allowTeam(item, teams, note);
}

/** Notes a recommendation whose responsible is a team which is not there. */
export function allowResponsible({ value }: Entry, teams: readonly string[], note: Note): void {
  const responsible = child(value, 'responsible');
  if (responsible !== undefined) allowTeam(responsible, teams, note);
}

function allowTeam(tree: Tree, teams: readonly string[], note: Note): void {
  const text = tree.kind === 'scalar' ? tree.text : '';
  if (!text.startsWith('team:')) return;
  const name = text.slice('team:'.length);
  if (!teams.includes(name)) note(tree, `no team is called ${JSON.stringify(name)}${suggest(name, teams)}`);
}

function child(tree: Tree, key: string): Tree | undefined {
  return tree.kind === 'map' ? tree.entries.find((entry) => entry.key === key)?.value : undefined;
}
