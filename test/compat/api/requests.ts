/** One request as it is sent to both servers. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: readonly (readonly [string, string])[];
}

const get = (path: string, ...params: readonly (readonly [string, string])[]): Asked => ({ method: 'GET', path, params });
const post = (path: string, ...params: readonly (readonly [string, string])[]): Asked => ({ method: 'POST', path, params });

/** Requests whose answers must be the same, for samples of the last ten minutes before `end` (in seconds). */
export function requestsAt(end: number): readonly Asked[] {
  const time = ['time', String(end)] as const;
  const range = [
    ['start', String(end - 300)],
    ['end', String(end)],
    ['step', '30'],
  ] as const;
  const window = [
    ['start', String(end - 600)],
    ['end', String(end)],
  ] as const;
  const expressions = [
    'load',
    'load > 3',
    'sum by (host) (load)',
    'rate(requests_total[1m])',
    'load[1m]',
    'absent(nothing)',
    '1',
    '-1.5e-7',
    '1e100',
    '"text"',
    'NaN',
    'vector(Inf)',
    'time()',
    'topk(1, load)',
    'label_replace(load, "x", "$1", "host", "(.*)")',
    'load and on(host) requests_total',
    'nothing',
    'quantile_over_time(0.5, load[2m])',
    'sum(',
    '',
    'load{',
    'rate(load)',
    'foo bar',
    'load @',
    'sum(load) by',
    'unknown(load)',
    'load[5m] + 1',
    '{}',
    'load{host=~"("}',
    'load + on() requests_total',
    'load[0]',
    '1 + "a"',
    'round(load, "x")',
  ];
  return [
    ...expressions.flatMap((query) => [
      get('/api/v1/query', ['query', query], time),
      post('/api/v1/query_range', ['query', query], ...range),
      get('/api/v1/format_query', ['query', query]),
    ]),
    post('/api/v1/query', ['query', 'load'], time),
    get('/api/v1/query', ['query', 'load'], time, ['stats', 'true']),
    post('/api/v1/query', ['query', 'load'], time, ['stats', 'all']),
    get('/api/v1/query', ['query', 'load'], ['time', 'yesterday']),
    get('/api/v1/query', ['query', 'load'], ['time', '2015-07-01T20:10:51.781Z']),
    get('/api/v1/query', ['query', 'load'], time, ['timeout', 'x']),
    get('/api/v1/query', ['query', 'load'], time, ['timeout', '-1s']),
    get('/api/v1/query', ['query', 'load'], time, ['timeout', '1m']),
    get('/api/v1/query_range', ['query', 'load']),
    get('/api/v1/query_range', ['query', 'load'], ['start', 'x'], ['end', '1'], ['step', '1']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '1'], ['end', 'x'], ['step', '1']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '2'], ['end', '1'], ['step', '1']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '1'], ['end', '2'], ['step', '0']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '1'], ['end', '2'], ['step', '-5s']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '1'], ['end', '2'], ['step', 'x']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '1'], ['end', '2'], ['step', '9e99']),
    get('/api/v1/query_range', ['query', 'load'], ['start', '0'], ['end', '11001'], ['step', '1']),
    get('/api/v1/query_range', ['query', 'load'], ['start', String(end)], ['end', String(end)], ['step', '15']),
    get('/api/v1/query_range', ['query', 'load'], ['start', String(end - 30)], ['end', String(end)], ['step', '7.5']),
    get('/api/v1/query_range', ['query', '1'], ['start', String(end)], ['end', String(end)], ['step', '1m']),
    get('/api/v1/series', ['match[]', 'load'], ...window),
    post('/api/v1/series', ['match[]', 'load{host="a"}'], ['match[]', 'requests_total'], ...window),
    get('/api/v1/series', ['match[]', '{host=~".+"}']),
    get('/api/v1/series', ['match[]', 'nothing']),
    get('/api/v1/series', ['match[]', 'load'], ['start', '10'], ['end', '20']),
    get('/api/v1/series'),
    ...['{}', '{', 'sum(load)', 'load[5m]', 'load offset 5m', '1', '', '"x"', '{host=""}', 'load{a}', 'load{a="b'].map((text) =>
      get('/api/v1/series', ['match[]', text]),
    ),
    get('/api/v1/series', ['match[]', 'load'], ['start', 'x']),
    get('/api/v1/labels'),
    post('/api/v1/labels', ...window),
    get('/api/v1/labels', ['match[]', 'load'], ...window),
    get('/api/v1/labels', ['match[]', '{']),
    get('/api/v1/labels', ['end', 'x']),
    get('/api/v1/label/host/values'),
    get('/api/v1/label/host/values', ['match[]', 'load{job="api"}'], ...window),
    get('/api/v1/label/nothing/values'),
    get('/api/v1/label/__name__/values'),
    get('/api/v1/metadata'),
    get('/api/v1/metadata', ['limit', 'x']),
    get('/api/v1/metadata', ['metric', 'load'], ['limit', '3']),
    get('/api/v1/query_exemplars', ['query', 'load'], ...window),
    get('/api/v1/query_exemplars', ['query', '1'], ...window),
    get('/api/v1/query_exemplars', ['query', 'lo{'], ...window),
    get('/api/v1/query_exemplars', ['query', 'load'], ['start', '2'], ['end', '1']),
    get('/api/v1/query_exemplars'),
    get('/api/v1/alertmanagers'),
    get('/api/v1/status/buildinfo'),
    get('/api/v1/status/config'),
    get('/api/v1/status/runtimeinfo'),
    get('/api/v1/status/tsdb'),
    get('/api/v1/status/walreplay'),
    get('/federate', ['match[]', 'load']),
    get('/federate', ['match[]', '{host=~".+"}'], ['match[]', 'requests_total']),
    get('/federate', ['match[]', '{']),
    get('/federate'),
  ];
}
