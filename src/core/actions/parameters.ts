import { compileRegex } from '../promql/matcher.ts';
import type { Problem } from '../base/problem.ts';
import type { Action, Parameter } from './action.ts';
import { fillUrl } from './http-call.ts';
import { placeholderName } from './placeholder.ts';

/** Values that passed `checkParameters`; a secret stands as its name. */
export type ParameterValues = Readonly<Record<string, string | number | boolean>>;

export interface CheckedParameters {
  /** Complete only when there are no problems. */
  readonly values: ParameterValues;
  /** `path` names the parameter. */
  readonly problems: readonly Problem[];
}

/** How many unknown parameters are named. */
const STRANGERS_LIMIT = 10;

/**
 * The values with which an action would run: every given value checked against its parameter, defaults filled in, all problems at once.
 * Nothing is repaired but the form: `"5"` for an integer, `web:9100` for a host. `hosts` are the hosts whose agents are known, against
 * which the host to run on is checked; without them it is not.
 */
export function checkParameters(
  action: Pick<Action, 'name' | 'parameters' | 'runOn'>,
  given: Readonly<Record<string, unknown>>,
  hosts: readonly string[] | null = null,
): CheckedParameters {
  const problems: Problem[] = [];
  const values: Record<string, string | number | boolean> = {};
  for (const parameter of action.parameters) {
    const outcome = checkOne(parameter, Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined);
    if (outcome === null) continue;
    if ('problem' in outcome) problems.push({ path: parameter.name, message: outcome.problem });
    else values[parameter.name] = outcome.value;
  }
  const known = new Set(action.parameters.map(({ name }) => name));
  const strangers = Object.keys(given).filter((name) => !known.has(name));
  for (const path of strangers.slice(0, STRANGERS_LIMIT))
    problems.push({ path: path.slice(0, 100), message: `${action.name} has no such parameter` });
  const host = problems.length === 0 ? runHost(action, values) : null;
  if (host !== null && hosts !== null && !hosts.includes(host)) {
    problems.push({ path: placeholderName(action.runOn ?? '') ?? 'run_on', message: `no agent has reported from the host ${host}` });
  }
  return { values, problems };
}

type Outcome = { readonly value: string | number | boolean } | { readonly problem: string };

function checkOne(parameter: Parameter, given: unknown): Outcome | null {
  // An empty field of a form is no value, except where the empty text is one.
  if (given === undefined || given === null || (given === '' && (parameter.type !== 'string' || parameter.default !== null))) {
    if (parameter.default !== null) return { value: parameter.default };
    return parameter.required ? { problem: 'is required' } : null;
  }
  return checkValue(parameter, given);
}

/** One value against its parameter: as it will be used, or what is wrong with it. */
export function checkValue(parameter: Parameter, given: unknown): Outcome {
  if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean') {
    return { problem: 'must be a text, a number, true or false' };
  }
  switch (parameter.type) {
    case 'string':
      return checkText(parameter, String(given));
    case 'integer':
    case 'number':
      return checkNumber(parameter, given);
    case 'enum': {
      const text = String(given);
      return parameter.values.includes(text) ? { value: text } : { problem: `must be one of ${parameter.values.join(', ')}` };
    }
    case 'boolean':
      if (given === true || given === 'true') return { value: true };
      return given === false || given === 'false' ? { value: false } : { problem: 'must be true or false' };
    case 'host':
      return checkHost(String(given));
    case 'secret':
      return SECRET_NAME.test(String(given)) ? { value: String(given) } : { problem: 'must be the name of a stored secret' };
  }
}

const LONE_SURROGATE = /[\ud800-\udfff]/u;
const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

function checkText(parameter: Extract<Parameter, { readonly type: 'string' }>, text: string): Outcome {
  const { maxLength, allowDash, pattern, required } = parameter;
  // Counting characters of a huge text is not needed to see that it is too long.
  if (text.length > 2 * maxLength || Array.from(text).length > maxLength)
    return { problem: `must not be longer than ${maxLength} characters` };
  if (text === '' && required) return { problem: 'must not be empty' };
  if (text.includes('\0')) return { problem: 'must not contain a NUL' };
  if (/[\n\r]/.test(text)) return { problem: 'must be a single line' };
  if (LONE_SURROGATE.test(text)) return { problem: 'is not valid Unicode' };
  if (text.startsWith('-') && !allowDash)
    return { problem: 'must not begin with "-", or it could be taken for an option (allow_dash: true permits it)' };
  if (pattern !== null && !matchesPattern(parameter, pattern, text)) return { problem: `must match ${pattern}` };
  return { value: text };
}

const patterns = new WeakMap<Parameter, ReturnType<typeof compileRegex>>();

function matchesPattern(parameter: Parameter, pattern: string, text: string): boolean {
  const program = patterns.get(parameter) ?? compileRegex(pattern);
  patterns.set(parameter, program);
  return typeof program !== 'string' && program.matches(text);
}

const INTEGER = /^[+-]?\d{1,16}$/;
const DECIMAL = /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?$/;

function checkNumber(parameter: Extract<Parameter, { readonly type: 'integer' | 'number' }>, given: string | number | boolean): Outcome {
  const { type, min, max } = parameter;
  const isWhole = type === 'integer';
  const written = typeof given === 'string' && (isWhole ? INTEGER : DECIMAL).test(given) ? Number(given) : given;
  if (typeof written !== 'number' || !(isWhole ? Number.isSafeInteger(written) : Number.isFinite(written))) {
    return { problem: isWhole ? 'must be a whole number' : 'must be a number' };
  }
  if (min === null && written < 0) return { problem: 'must not be negative (min permits it)' };
  if (min !== null && written < min) return { problem: `must be at least ${min}` };
  if (max !== null && written > max) return { problem: `must be at most ${max}` };
  // -0 would be printed without its sign, but is one value more to think about.
  return { value: written === 0 ? 0 : written };
}

const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/;
const IPV6 = /^(?=.*:.*:)[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,32})?$/;

/** A host name, an IPv4 or an IPv6 address; a port after it, as in Prometheus' `instance`, is dropped. */
function checkHost(text: string): Outcome {
  const name = /^\[(.+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([^:]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const plausible = name.length <= 253 && (HOST_NAME.test(name) || IPV6.test(name));
  return plausible ? { value: name } : { problem: 'must be a host name or an address' };
}

/** The host on which an action runs with these values; null: the local agent. */
export function runHost(action: Pick<Action, 'runOn'>, values: ParameterValues): string | null {
  if (action.runOn === null) return null;
  const name = placeholderName(action.runOn);
  if (name === null) return action.runOn;
  return Object.hasOwn(values, name) ? String(values[name]) : null;
}

export interface Argv {
  /** Empty when a secret is missing. */
  readonly argv: readonly string[];
  /** The same for people: `***` in the place of every secret. */
  readonly masked: readonly string[];
  /** Names of secrets that `reveal` does not know. */
  readonly missing: readonly string[];
}

/**
 * The exact command for values that passed `checkParameters`. An argument `{name}` becomes that value as one whole argument, whatever is in
 * it; the argument of an optional parameter without a value disappears; every other argument is literal. `reveal`: secret name -> its text.
 */
export function buildArgv(
  action: Pick<Action, 'command' | 'parameters' | 'http'>,
  values: ParameterValues,
  reveal: ReadonlyMap<string, string>,
): Argv {
  if (action.http !== null) {
    const shown = ['http', action.http.method, fillUrl(action.http.url, values)];
    return { argv: shown, masked: shown, missing: [] };
  }
  const types = new Map(action.parameters.map(({ name, type }) => [name, type]));
  const argv: string[] = [];
  const masked: string[] = [];
  const missing: string[] = [];
  for (const argument of action.command) {
    const name = placeholderName(argument);
    const type = name === null ? undefined : types.get(name);
    if (name === null || type === undefined) {
      argv.push(argument);
      masked.push(argument);
      continue;
    }
    if (!Object.hasOwn(values, name)) continue;
    const value = String(values[name]);
    const text = type === 'secret' ? reveal.get(value) : value;
    masked.push(type === 'secret' ? '***' : value);
    if (text === undefined) missing.push(value);
    else argv.push(text);
  }
  return { argv: missing.length === 0 ? argv : [], masked, missing };
}

/** The stored secrets that a run with these values needs, each once. */
export function secretNames(action: Pick<Action, 'parameters' | 'env' | 'http'>, values: ParameterValues): readonly string[] {
  const given = action.parameters.filter(({ type, name }) => type === 'secret' && Object.hasOwn(values, name));
  const variables = [...action.env, ...(action.http?.headers ?? [])].flatMap((each) => ('secret' in each ? [each.secret] : []));
  return [...new Set([...given.map(({ name }) => String(values[name])), ...variables])];
}

/** The variables of an action's process, name -> text, and the names of secrets that `reveal` does not know. */
export function buildEnvironment(
  action: Pick<Action, 'env'>,
  reveal: ReadonlyMap<string, string>,
): { readonly env: Readonly<Record<string, string>>; readonly missing: readonly string[] } {
  const env: Record<string, string> = {};
  const missing: string[] = [];
  for (const each of action.env) {
    const text = 'value' in each ? each.value : reveal.get(each.secret);
    if (text !== undefined) env[each.name] = text;
    else if ('secret' in each) missing.push(each.secret);
  }
  return { env, missing };
}
