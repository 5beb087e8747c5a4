import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRequest } from '../actions/http-call.ts';
import { formatProblem } from '../base/problem.ts';
import { parseConfig } from './parse-config.ts';

const read = (http: string) =>
  parseConfig(
    [
      {
        path: 'f',
        text: `actions:\n  a:\n    http: { ${http} }\n    parameters: { job: {}, count: { type: integer, default: 1 }, note: { required: false }, s: { type: secret } }\n`,
      },
    ],
    { builtIn: null },
  );
const said = (http: string): string => read(http).problems.map(formatProblem).join('\n');
const GOOD = 'method: POST, url: "https://example.com:8443/jobs/{job}/runs?n={count}&dry=no"';

test('a request: whole values in address and body, secrets in headers', () => {
  const { value, problems } = read(
    `${GOOD}, headers: { Authorization: { secret: key }, X-Team: storage }, body: { job: "{job}", n: ["{count}", [1, null]], note: "{note}", s: "{s}" }, expect: [202]`,
  );
  assert.deepEqual(problems.map(formatProblem), []);
  const action = value?.actions.get('a');
  assert.ok(action?.http);
  assert.deepEqual(action.command, ['http', 'POST', 'https://example.com:8443/jobs/{job}/runs?n={count}&dry=no']);
  const values = { job: 'a/b', count: 7, s: 'pass' };
  const reveal = new Map([
    ['key', 'Bearer x'],
    ['pass', 'word'],
  ]);
  const { request, missing } = buildRequest(action.http, { parameters: action.parameters, values, reveal });
  assert.deepEqual(missing, []);
  assert.deepEqual(request, {
    method: 'POST',
    url: 'https://example.com:8443/jobs/a%2Fb/runs?n=7&dry=no',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x', 'x-team': 'storage' },
    body: '{"job":"a/b","n":[7,[1,null]],"s":"word"}',
    expect: [202],
  });
  assert.deepEqual(buildRequest(action.http, { parameters: action.parameters, values, reveal: new Map() }).missing, ['key', 'pass']);
  assert.notEqual(read(GOOD).value?.actions.get('a')?.version, read(`${GOOD}, expect: [200]`).value?.actions.get('a')?.version);
});

test('requests that could go elsewhere or say something else are refused where they are written', () => {
  const url = (text: string): string => said(`method: GET, url: "${text}"`);
  assert.match(url('ftp://x/'), /^f:3:31: actions.a.http.url: expected a web address/);
  for (const bad of ['https://{job}/', 'https://a:b@x/', 'https://x/#{job}', 'https://x{job}/', 'https://x/\\\\y', 'x/y', 'https://x/a b'])
    assert.match(url(bad), /expected a web address/, bad);
  assert.match(url('https://x/a-{job}'), /\{job\} must be a whole segment/);
  assert.match(url('https://x/?a=b{job}'), /whole value of the query/);
  assert.match(url('https://x/?{job}=1'), /whole value of the query|whole segment/);
  assert.match(url('https://x/?{job}'), /whole value of the query/);
  assert.match(url('https://x/{jb}'), /not a declared parameter, did you mean "job"/);
  assert.match(url('https://x/{note}'), /required or have a default/);
  assert.match(url('https://x/{s}'), /may stand in a body, not in an address/);
  const more = (text: string): string => said(`${GOOD}, ${text}`);
  assert.match(more('headers: { Host: x }'), /set by the agent itself/);
  assert.match(more('headers: { "a b": x }'), /no name of a header/);
  assert.match(more('headers: { A: "{job}" }'), /no value of a parameter reaches a header/);
  assert.match(more('headers: { A: "x\\r\\nB: y" }'), /expected a line/);
  assert.match(more('headers: { A: x, a: y }'), /a header is there twice/);
  assert.match(more('body: { a: "x {job}" }'), /a placeholder must be a whole value/);
  assert.match(more('body: { "{job}": 1 }'), /not a parameter that may stand here/);
  assert.match(more('body: { a: "{jb}" }'), /did you mean "job"/);
  assert.match(more('expect: [99]'), /100 to 599/);
  assert.match(more('expect: []'), /which statuses/);
  assert.match(said('method: HEAD, url: "https://x/"'), /expected GET, POST, PUT, PATCH or DELETE/);
});
