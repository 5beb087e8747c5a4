import type { Endpoint } from '../../src/contract/endpoint.ts';
import type { AnswerOf, ParamsOf } from '../../src/contract/infer.ts';
import { session } from '../../src/contract/api/account.ts';

type Given<E extends Endpoint> = {
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
} & (keyof ParamsOf<E> extends never ? { readonly params?: undefined } : { readonly params: ParamsOf<E> });

export interface Sent {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A client of the program's HTTP API with one credential. */
export class Api {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.headers = headers;
  }

  static withToken(url: string, token: string): Api {
    return new Api(url, { authorization: `Bearer ${token}` });
  }

  /** Sets the password with a one-time link, as the page does, and goes on as that person. */
  static async withLink(link: string, given: { readonly name?: string; readonly password: string }): Promise<Api> {
    const { origin, hash } = new URL(link);
    const visitor = new Api(origin);
    const answer = await visitor.json('POST', session.setup.path, { secret: hash.slice(1), ...given }, { origin });
    if (answer.status !== 200) throw new Error(`the link was not taken: ${answer.status} ${answer.text}`);
    const { csrf } = session.setup.response.parse(JSON.parse(answer.text));
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    return new Api(origin, { cookie, 'x-csrf-token': csrf ?? '', origin });
  }

  /** An answer of our API, checked against its schema; throws when it is not a success. */
  async ask<E extends Endpoint>(endpoint: E, ...[given]: keyof ParamsOf<E> extends never ? [Given<E>?] : [Given<E>]): Promise<AnswerOf<E>> {
    const params: Readonly<Record<string, string>> = given?.params ?? {};
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const pairs = Object.entries(given?.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
    const query = new URLSearchParams(pairs).toString();
    const body = given?.body === undefined && endpoint.body !== undefined ? {} : given?.body;
    const answer = await this.json(endpoint.method, `${path}${query === '' ? '' : `?${query}`}`, body, given?.headers);
    if (answer.status >= 300) throw new Error(`${endpoint.method} ${path}: ${answer.status} ${answer.text}`);
    return (endpoint.response === null ? null : endpoint.response.parse(JSON.parse(answer.text))) as AnswerOf<E>;
  }

  json(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    if (body === undefined) return this.send(method, path, { headers });
    return this.send(method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  }

  async send(method: string, path: string, { body, headers }: Sent = {}): Promise<Answered> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...this.headers, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...(body !== undefined && { body: typeof body === 'string' ? body : Buffer.from(body) }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}
