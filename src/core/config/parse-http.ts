import type { HttpCall, Json, Parameter, Variable } from '../actions/action.ts';
import { addressParts } from '../actions/http-call.ts';
import { embeddedNames, placeholderName } from '../actions/placeholder.ts';
import { storedSecret } from './parse-environment.ts';
import { fullText, integer, listOf, mapOf, type Note, oneOf, optional, type Reader, record, required, text } from './readers.ts';
import { suggest } from './suggest.ts';
import { type Entry, entryOf, spotOf, type Tree } from './tree.ts';

const BODY_LIMIT = 64 * 1024;
const HEADERS_LIMIT = 50;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** These belong to the connection, which the agent makes. */
const OWN_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect', 'keep-alive'];

function header({ key, at, value: tree }: Entry, note: Note): Variable | undefined {
  const wrongName = !HEADER_NAME.test(key)
    ? 'no name of a header'
    : OWN_HEADERS.includes(key.toLowerCase())
      ? 'set by the agent itself'
      : null;
  if (wrongName !== null) {
    note(at, `${JSON.stringify(key)} is ${wrongName}`);
    return undefined;
  }
  if (tree.kind === 'map') {
    const secret = storedSecret(tree, note);
    return secret === undefined ? undefined : { name: key.toLowerCase(), secret };
  }
  const value = text(tree, note);
  if (value === undefined) return undefined;
  const isPlain = /^[\t\x20-\x7e]{0,4096}$/.test(value) && placeholderName(value) === null && embeddedNames(value).length === 0;
  if (isPlain) return { name: key.toLowerCase(), value };
  note(tree, 'expected a line of at most 4096 ASCII characters; no value of a parameter reaches a header');
  return undefined;
}

const anything: Reader<Tree> = (tree) => tree;

const fields = record({
  method: required(oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
  url: required(fullText),
  headers: optional(mapOf(header), null),
  body: optional(anything, null),
  expect: optional(listOf(integer(100, 599)), [200, 201, 202, 204]),
});

/** `{ method, url, headers, body, expect }`; `parameters`: the ones that may stand in the address and the body. */
export function parseHttp(tree: Tree, parameters: readonly Parameter[], note: Note): HttpCall | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const headers = [...(value.headers?.values() ?? [])];
  const wrongHeaders =
    headers.length > HEADERS_LIMIT
      ? `more than ${HEADERS_LIMIT} headers`
      : new Set(headers.map(({ name }) => name)).size < headers.length
        ? 'a header is there twice'
        : null;
  if (wrongHeaders !== null) note(spotOf(tree, 'headers'), wrongHeaders);
  if (value.expect.length === 0) note(spotOf(tree, 'expect'), 'which statuses are success?');
  const wrongUrl = whyNoUrl(value.url, parameters);
  if (wrongUrl !== null) note(spotOf(tree, 'url'), wrongUrl);
  const written = entryOf(tree, 'body')?.value;
  const names = parameters.map(({ name }) => name);
  const json = written === undefined ? undefined : toJson(written, names, note);
  const isLong = json !== undefined && JSON.stringify(json).length > BODY_LIMIT;
  if (isLong && written !== undefined) note(written, 'a body has at most 64 KiB');
  if (wrongHeaders !== null || value.expect.length === 0 || wrongUrl !== null || isLong) return undefined;
  if (written !== undefined && json === undefined) return undefined;
  return { method: value.method, url: value.url, headers, body: json === undefined ? null : { json }, expect: value.expect };
}

function whyNoUrl(url: string, parameters: readonly Parameter[]): string | null {
  const parts = addressParts(url);
  if (parts === null || url.length > 4_000)
    return 'expected a web address such as https://example.com/jobs/{job}, without credentials, fragment and placeholders in its host';
  const places = [...parts.path, ...parts.query.map((pair) => (pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : pair))];
  const loose = parts.query.find((pair) => {
    const [key = ''] = pair.split('=');
    return placeholderName(key) !== null || embeddedNames(key).length > 0;
  });
  if (loose !== undefined) return `${loose}: a placeholder must be a whole value of the query`;
  for (const place of places) {
    const [inside] = embeddedNames(place);
    if (inside !== undefined) return `{${inside}} must be a whole segment of the path or a whole value of the query`;
    const name = placeholderName(place);
    const why = name === null ? null : whyNotInUrl(name, parameters);
    if (why !== null) return why;
  }
  return null;
}

function whyNotInUrl(name: string, parameters: readonly Parameter[]): string | null {
  const parameter = parameters.find((each) => each.name === name);
  if (parameter === undefined)
    return `{${name}} is not a declared parameter${suggest(
      name,
      parameters.map((each) => each.name),
    )}`;
  if (parameter.type === 'secret') return `{${name}} is a secret: it may stand in a body, not in an address`;
  return parameter.required || parameter.default !== null ? null : `{${name}} must be required or have a default`;
}

function toJson(tree: Tree, names: readonly string[], note: Note): Json | undefined {
  if (tree.kind === 'list') {
    const items = tree.items.map((item) => toJson(item, names, note));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (tree.kind === 'map') {
    const entries = tree.entries.map(
      ({ key, at, value }) => [key, isLiteral(key, [], at, note) ? toJson(value, names, note) : undefined] as const,
    );
    const whole = entries.flatMap(([key, json]): [string, Json][] => (json === undefined ? [] : [[key, json]]));
    return whole.length === entries.length ? Object.fromEntries(whole) : undefined;
  }
  if (typeof tree.value !== 'string') return tree.value;
  return isLiteral(tree.value, names, tree, note) ? tree.value : undefined;
}

/** Whether the text is a literal, or the whole name of a parameter that may stand there. */
function isLiteral(written: string, names: readonly string[], at: Parameters<Note>[0], note: Note): boolean {
  const name = placeholderName(written);
  const [inside] = embeddedNames(written);
  if (name !== null && !names.includes(name)) note(at, `${written} is not a parameter that may stand here${suggest(name, names)}`);
  else if (inside !== undefined) note(at, `{${inside}} stands within a longer text: a placeholder must be a whole value of its own`);
  else return true;
  return false;
}
