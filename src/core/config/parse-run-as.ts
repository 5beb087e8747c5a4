import { isUserName } from '../actions/user-name.ts';
import { fullText, type Note } from './readers.ts';
import { checked } from './shared-readers.ts';
import { entryOf, type Tree } from './tree.ts';

/** The name of a user of a host, as it stands in its user database; never a placeholder. */
export const userName = checked(fullText, (written) =>
  isUserName(written) ? null : `${JSON.stringify(written)} is no name of a user: letters, digits, - _ . and @, no placeholder`,
);

/** Whether there is a process that `run_as` can be about: a request is sent by the agent itself. */
export function allowRunAs(tree: Tree, note: Note): boolean {
  const runAs = entryOf(tree, 'run_as');
  if (runAs === undefined || entryOf(tree, 'http') === undefined) return true;
  note(runAs.at, 'a request is sent by the agent itself: run_as goes with a command or a script');
  return false;
}
