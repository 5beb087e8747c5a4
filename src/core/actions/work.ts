import type { Action, Variable } from './action.ts';
import { buildRequest } from './http-call.ts';
import { buildArgv, type ParameterValues, secretNames } from './parameters.ts';
import type { Millis } from '../base/time.ts';

/** All that a run does, for whoever decides about it. Of a secret only its name is in it. */
export interface Work {
  /** The exact command; `***` in the place of a secret. */
  readonly argv: readonly string[];
  /** What the argument number `at` stands for: the arguments before it are the interpreter's, those after it the script's. */
  readonly script: { readonly file: string; readonly sha256: string; readonly content: string; readonly at: number } | null;
  readonly http: HttpWork | null;
  readonly env: readonly Variable[];
  /** Null: the user of the agent. */
  readonly runAs: string | null;
  readonly timeout: Millis;
  readonly outputLimitBytes: number;
  /** Null: what the agent allows. */
  readonly memoryLimitBytes: number | null;
  readonly collect: readonly string[];
}

/** A request as it is sent, `{ secret: NAME }` in the place of a secret. */
export interface HttpWork {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly Variable[];
  readonly body: string | null;
  readonly expect: readonly number[];
}

/** What the action does with values that passed `checkParameters`. */
export function describeWork(action: Action, values: ParameterValues): Work {
  const { script, env, runAs, timeout, outputLimitBytes, memoryLimitBytes, collect } = action;
  return {
    argv: buildArgv(action, values, new Map()).masked,
    script: script && { file: script.file, sha256: script.sha256, content: script.content, at: script.at },
    http: describeRequest(action, values),
    env,
    runAs,
    timeout,
    outputLimitBytes,
    memoryLimitBytes,
    collect,
  };
}

function describeRequest(action: Action, values: ParameterValues): HttpWork | null {
  if (action.http === null) return null;
  const reveal = new Map(secretNames(action, values).map((name) => [name, `{ secret: ${name} }`]));
  const { request } = buildRequest(action.http, { parameters: action.parameters, values, reveal });
  const secrets = action.http.headers.filter((header) => 'secret' in header);
  const headers = Object.entries(request.headers).map(([name, value]) => secrets.find((header) => header.name === name) ?? { name, value });
  return { method: request.method, url: request.url, headers, body: request.body, expect: request.expect };
}
