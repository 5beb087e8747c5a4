/** The name of a parameter, of an action and in `{name}`. */
export const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const WHOLE = /^\{([A-Za-z][A-Za-z0-9_-]{0,63})\}$/;
// `%{name}` and `{{name}}` belong to other programs (curl -w, Go templates).
const INSIDE = /(?<![%{])\{([A-Za-z][A-Za-z0-9_-]{0,63})\}(?!\})/g;

/** The parameter that a whole argument `{name}` stands for, null when it is a literal. */
export function placeholderName(argument: string): string | null {
  return WHOLE.exec(argument)?.[1] ?? null;
}

/** The names of `{name}` within a longer text, where no value is ever put. */
export function embeddedNames(argument: string): string[] {
  if (placeholderName(argument) !== null) return [];
  return Array.from(argument.matchAll(INSIDE), ([, name]) => name ?? '');
}
