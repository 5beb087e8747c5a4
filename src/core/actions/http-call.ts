import type { Problem } from '../base/problem.ts';
import type { HttpCall, Json, Parameter } from './action.ts';
import { placeholderName } from './placeholder.ts';

type Values = Readonly<Record<string, string | number | boolean>>;

/** The request as it is sent, with its secrets. */
export interface HttpOrder {
  readonly method: HttpCall['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly expect: readonly number[];
}

/** The places of an address where a value may stand. Null: it is no http address, or has credentials or a fragment. */
export function addressParts(
  url: string,
): { readonly origin: string; readonly path: readonly string[]; readonly query: readonly string[] } | null {
  const [whole, origin = '', path = '', query = ''] = /^(https?:\/\/[^/?#@\\\s{}]+)((?:\/[^?#\\\s]*)?)(\?[^#\\\s]*)?$/i.exec(url) ?? [];
  return whole === undefined ? null : { origin, path: path.split('/'), query: query === '' ? [] : query.slice(1).split('&') };
}

/** The address with the values in their places, percent-encoded; a place without a value stays as it is written. */
export function fillUrl(url: string, values: Values): string {
  const parts = addressParts(url);
  if (parts === null) return url;
  const fill = (text: string): string => {
    const name = placeholderName(text);
    return name === null || !Object.hasOwn(values, name) ? text : percentEncode(String(values[name]));
  };
  const query = parts.query.map((pair) => {
    const at = pair.indexOf('=') + 1;
    return at === 0 ? pair : pair.slice(0, at) + fill(pair.slice(at));
  });
  return `${parts.origin}${parts.path.map(fill).join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function percentEncode(text: string): string {
  return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

/** Values that would lead to another path than the one that is written: an empty segment, `.` and `..` cannot be encoded. */
export function pathProblems(call: HttpCall, values: Values): readonly Problem[] {
  const names = (addressParts(call.url)?.path ?? []).map(placeholderName);
  return names.flatMap((name) =>
    name !== null && Object.hasOwn(values, name) && ['', '.', '..'].includes(String(values[name]))
      ? [{ path: name, message: 'cannot be a segment of a path' }]
      : [],
  );
}

interface Filling {
  readonly parameters: readonly Parameter[];
  readonly values: Values;
  /** Secret name -> its text. */
  readonly reveal: ReadonlyMap<string, string>;
}

/** The request for values that passed their checks, and the names of secrets that `reveal` does not know. */
export function buildRequest(call: HttpCall, filling: Filling): { readonly request: HttpOrder; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const revealed = (secret: string): string => {
    const text = filling.reveal.get(secret);
    if (text === undefined) missing.push(secret);
    return text ?? '';
  };
  const headers = call.headers.map((each) => [each.name, 'value' in each ? each.value : revealed(each.secret)] as const);
  const body = call.body === null ? null : JSON.stringify(fillJson(call.body.json, filling, revealed) ?? null);
  const type = body === null ? {} : { 'content-type': 'application/json' };
  const { method, expect } = call;
  return {
    request: { method, url: fillUrl(call.url, filling.values), headers: { ...type, ...Object.fromEntries(headers) }, body, expect },
    missing,
  };
}

/** Undefined: an optional parameter without a value, whose place disappears. */
function fillJson(json: Json, filling: Filling, revealed: (secret: string) => string): Json | undefined {
  if (typeof json === 'string') {
    const name = placeholderName(json);
    const parameter = filling.parameters.find((each) => each.name === name);
    if (name === null || parameter === undefined) return json;
    const value = Object.hasOwn(filling.values, name) ? filling.values[name] : undefined;
    return parameter.type === 'secret' && value !== undefined ? revealed(String(value)) : value;
  }
  if (json === null || typeof json !== 'object') return json;
  if (isList(json)) {
    const items = json.map((each) => fillJson(each, filling, revealed));
    return items.filter((item) => item !== undefined);
  }
  const entries = Object.entries(json).flatMap(([key, each]): [string, Json][] => {
    const filled = fillJson(each, filling, revealed);
    return filled === undefined ? [] : [[key, filled]];
  });
  return Object.fromEntries(entries);
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
