import { embeddedNames, placeholderName } from '../actions/placeholder.ts';
import { describe, listOf, type Note, type Reader, text } from './readers.ts';
import { suggest } from './suggest.ts';
import type { Tree } from './tree.ts';

/** The most arguments of a command. */
const ARGUMENTS_LIMIT = 1_000;

/** One argument, whatever is in it but a NUL. */
export const argument: Reader<string> = (tree, note) => {
  const value = text(tree, note);
  if (value === undefined || !value.includes('\0')) return value;
  note(tree, 'an argument cannot contain a NUL');
  return undefined;
};

/** A program and its arguments. */
export const commandLine: Reader<readonly string[]> = (tree, note) => {
  if (tree.kind !== 'list') {
    note(tree, `expected a list of arguments such as [/usr/bin/clean, --path, "{path}"], found ${describe(tree)}: there is no shell`);
    return undefined;
  }
  const values = listOf(argument)(tree, note);
  if (values === undefined) return undefined;
  const [program = ''] = values;
  const wrong =
    program === ''
      ? 'the command is empty'
      : placeholderName(program) !== null
        ? 'the program itself cannot come from a parameter'
        : values.length > ARGUMENTS_LIMIT
          ? `more than ${ARGUMENTS_LIMIT} arguments`
          : null;
  if (wrong === null) return values;
  note(tree, wrong);
  return undefined;
};

/** Whether every placeholder is a whole argument and a declared parameter; notes those that are not. */
export function allowPlaceholders(items: readonly Tree[], names: readonly string[], note: Note): boolean {
  let whole = true;
  for (const item of items) {
    const argumentText = item.kind === 'scalar' ? item.text : '';
    const name = placeholderName(argumentText);
    const [inside] = embeddedNames(argumentText);
    if (name !== null && !names.includes(name)) note(item, `${argumentText} is not a declared parameter${suggest(name, names)}`);
    else if (inside !== undefined)
      note(item, `{${inside}} stands within a longer argument: a placeholder must be a whole argument of its own`);
    else continue;
    whole = false;
  }
  return whole;
}
