import type { Parameter } from '../actions/action.ts';
import { checkValue } from '../actions/parameters.ts';
import { PARAMETER_NAME } from '../actions/placeholder.ts';
import { boolean, describe, integer, listOf, type Note, number, oneOf, optional, type Reader, record, required, text } from './readers.ts';
import { checked, pattern } from './shared-readers.ts';
import { type Entry, entryOf, spotOf, type Tree } from './tree.ts';

/** What `run_on: "{host}"` declares by itself. */
export type HostParameter = Extract<Parameter, { readonly type: 'host' }>;

const TYPES = ['string', 'integer', 'number', 'enum', 'boolean', 'host', 'secret'] as const;

/** At four bytes a character it still is one argument for Linux (128 KiB). */
const LENGTH_LIMIT = 32_000;

const literal: Reader<string | number | boolean> = (tree, note) => {
  if (tree.kind === 'scalar' && tree.value !== null) return tree.value;
  note(tree, `expected a text, a number, true or false, found ${describe(tree)}`);
  return undefined;
};

const COMMON = {
  type: optional(oneOf(...TYPES), 'string' as const),
  description: optional(text, ''),
  required: optional(boolean, null),
  default: optional(literal, null),
};

const shapes = {
  string: record({
    ...COMMON,
    pattern: optional(pattern, null),
    max_length: optional(integer(1, LENGTH_LIMIT), 1_000),
    allow_dash: optional(boolean, false),
  }),
  integer: record({ ...COMMON, min: optional(number, null), max: optional(number, null) }),
  enum: record({
    ...COMMON,
    values: required(
      checked(listOf(text), (values) =>
        values.length === 0 || values.length > 1_000
          ? 'expected 1 to 1000 values'
          : new Set(values).size < values.length
            ? 'a value is there twice'
            : null,
      ),
    ),
  }),
  other: record(COMMON),
};

/** A parameter of an action. Without `required` it is required exactly when it has no default. */
export function parseParameter({ key, at, value: tree }: Entry, note: Note): Parameter | undefined {
  if (!PARAMETER_NAME.test(key)) {
    note(at, `${JSON.stringify(key)} is no name of a parameter: at most 64 letters, digits, _ and -, beginning with a letter`);
    return undefined;
  }
  const parameter = parseShape(key, tree, note);
  if (parameter === undefined || parameter.default === null) return parameter;
  const outcome = checkValue(parameter, parameter.default);
  if ('value' in outcome) return { ...parameter, default: outcome.value };
  note(spotOf(tree, 'default'), `the default ${outcome.problem}`);
  return undefined;
}

function parseShape(name: string, tree: Tree, note: Note): Parameter | undefined {
  const written = entryOf(tree, 'type')?.value;
  const type = written === undefined ? 'string' : TYPES.find((each) => written.kind === 'scalar' && written.text === each);
  switch (type) {
    case 'string': {
      const value = shapes.string(tree, note);
      if (value === undefined) return undefined;
      return { ...common(name, value), type, pattern: value.pattern, maxLength: value.max_length, allowDash: value.allow_dash };
    }
    case 'integer':
    case 'number': {
      const value = shapes.integer(tree, note);
      if (value === undefined) return undefined;
      if (value.min !== null && value.max !== null && value.min > value.max) {
        note(spotOf(tree, 'max'), 'max is below min');
        return undefined;
      }
      return { ...common(name, value), type, min: value.min, max: value.max };
    }
    case 'enum': {
      const value = shapes.enum(tree, note);
      return value && { ...common(name, value), type, values: value.values };
    }
    case 'boolean':
    case 'host':
    case 'secret': {
      const value = shapes.other(tree, note);
      return value && { ...common(name, value), type };
    }
    case undefined:
      if (written !== undefined) oneOf(...TYPES)(written, note);
      return undefined;
  }
}

interface Common {
  readonly description: string;
  readonly required: boolean | null;
  readonly default: string | number | boolean | null;
}

function common(name: string, value: Common): { name: string; description: string; required: boolean; default: Common['default'] } {
  return { name, description: value.description, required: value.required ?? value.default === null, default: value.default };
}
