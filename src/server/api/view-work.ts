import type { Variable } from '../../core/actions/action.ts';
import type { Work } from '../../core/actions/work.ts';

/** All that a run does, as it looks on the wire. */
export function viewWork({ argv, script, http, env, timeout, outputLimitBytes, memoryLimitBytes, collect }: Work) {
  return {
    argv,
    script,
    http: http && { ...http, headers: http.headers.map(viewVariable) },
    env: env.map(viewVariable),
    timeoutMs: timeout,
    outputLimitBytes,
    memoryLimitBytes,
    collect,
  };
}

export function viewVariable(variable: Variable) {
  return {
    name: variable.name,
    value: 'value' in variable ? variable.value : null,
    secret: 'secret' in variable ? variable.secret : null,
  };
}
