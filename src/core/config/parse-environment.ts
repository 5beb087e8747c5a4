import type { Variable } from '../actions/action.ts';
import { type Note, mapOf, type Reader, text } from './readers.ts';
import { secretRef } from './shared-readers.ts';
import type { Entry } from './tree.ts';

const NAME = /^[A-Z_][A-Z0-9_]{0,99}$/;
const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const VARIABLES_LIMIT = 100;
/** At four bytes a character it still is one text for Linux (128 KiB). */
const LENGTH_LIMIT = 32_000;

function variable({ key, at, value: tree }: Entry, note: Note): Variable | undefined {
  if (!NAME.test(key)) {
    note(at, `${JSON.stringify(key)} is no name of a variable: at most 100 of A-Z, 0-9 and _, not beginning with a digit`);
    return undefined;
  }
  if (key.startsWith('TOCSIN_')) {
    note(at, 'variables that begin with TOCSIN_ are set by Tocsin itself');
    return undefined;
  }
  if (tree.kind !== 'map') {
    const value = text(tree, note);
    if (value === undefined) return undefined;
    if (!value.includes('\0') && value.length <= LENGTH_LIMIT) return { name: key, value };
    note(tree, value.includes('\0') ? 'a variable cannot contain a NUL' : `at most ${LENGTH_LIMIT} characters`);
    return undefined;
  }
  const found = storedSecret(tree, note);
  return found === undefined ? undefined : { name: key, secret: found };
}

/** The name of a stored secret: `{ secret: NAME }`. */
export const storedSecret: Reader<string> = (tree, note) => {
  const found = secretRef(tree, note);
  if (found === undefined) return undefined;
  if (found.kind === 'secret' && SECRET_NAME.test(found.name)) return found.name;
  note(tree, found.kind === 'secret' ? 'this is no name of a stored secret' : 'expected a text or { secret: NAME } of a stored secret');
  return undefined;
};

const variables = mapOf(variable);

/** The variables of an action's process: `{ NAME: text, NAME: { secret: NAME } }`. */
export const environment: Reader<readonly Variable[]> = (tree, note) => {
  const values = variables(tree, note);
  if (values === undefined) return undefined;
  if (values.size <= VARIABLES_LIMIT) return [...values.values()];
  note(tree, `more than ${VARIABLES_LIMIT} variables`);
  return undefined;
};
