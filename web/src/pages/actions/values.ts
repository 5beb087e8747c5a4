import type { Parameter, ParameterValues } from '../../data/types.ts';

/** The length that a text may have where the configuration says nothing: not worth a word. */
const USUAL_LENGTH = 1000;

/** What stands in the fields of the dialog: text as typed, switches as they are. */
export type Draft = Readonly<Record<string, string | boolean>>;

/** The fields as they begin: what was given, else the default, else empty. */
export function firstDraft(parameters: readonly Parameter[], given: ParameterValues): Draft {
  return Object.fromEntries(
    parameters.map(({ name, type, default: preset }): [string, string | boolean] => {
      const value = given[name] ?? preset;
      if (type === 'boolean') return [name, value === true || value === 'true'];
      return [name, value === null || value === undefined || value === '***' ? '' : String(value)];
    }),
  );
}

/** What is sent: empty fields are left out so that defaults apply, numbers become numbers; what is no number stays text, and is refused with a reason. */
export function readDraft(parameters: readonly Parameter[], draft: Draft): ParameterValues {
  const values: ParameterValues = {};
  for (const { name, type } of parameters) {
    const value = draft[name];
    if (value === undefined || value === '') continue;
    const isNumber =
      (type === 'integer' || type === 'number') && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
    values[name] = isNumber ? Number(value) : value;
  }
  return values;
}

/** What a value must keep to, in words: `1 to 100, whole number`; empty where there is nothing to keep to. */
export function hintOf({ type, min, max, pattern, maxLength, allowDash }: Parameter): string {
  if (type === 'integer' || type === 'number') {
    const range = max === null ? `${min ?? 0} or more` : `${min ?? 0} to ${max}`;
    return type === 'integer' ? `${range}, whole number` : range;
  }
  if (type === 'secret') return 'the name of a stored secret';
  if (type !== 'string') return '';
  return [
    pattern === null ? '' : `must match ${pattern}`,
    maxLength === null || maxLength === USUAL_LENGTH ? '' : `at most ${maxLength} characters`,
    allowDash ? 'may begin with -' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** What is wrong with one parameter, of a list that names each by its path. */
export function problemOf(name: string, problems: readonly { readonly path: string; readonly message: string }[]): string | null {
  const own = problems.filter(({ path }) => path === name || path.endsWith(`.${name}`) || path.endsWith(`/${name}`));
  return own.length === 0 ? null : own.map(({ message }) => message).join(' ');
}

/** A value for each parameter that an alert knows: one named like a label, `host` from the host. */
export function fromAlert(
  parameters: readonly Parameter[],
  alert: { readonly labels: Readonly<Record<string, string>>; readonly host: string | null },
): ParameterValues {
  const values: ParameterValues = {};
  for (const { name, type } of parameters) {
    const value = type === 'host' ? alert.host : (alert.labels[name] ?? null);
    if (value !== null) values[name] = value;
  }
  return values;
}
