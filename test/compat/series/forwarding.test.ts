// The real program with a store that others keep: what it answered survives its death while the other server is away.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { decodeSnappy } from '../../../src/core/wire/snappy.ts';
import { Program } from '../../e2e/program.ts';
import { remoteWrite, sampleNow } from '../../e2e/samples.ts';
import { until } from '../../e2e/until.ts';

const COUNT = 25;
const names: string[] = [];
let isAway = true;
let refused = 0;
const upstream = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    response.statusCode = isAway ? 503 : 204;
    if (isAway) refused += 1;
    else if (request.url === '/api/v1/write') names.push(nameIn(Buffer.concat(pieces)));
    response.end();
  });
});
let program: Program;

function nameIn(body: Uint8Array): string {
  const bytes = decodeSnappy(body, 1 << 20);
  return bytes instanceof Uint8Array ? (/forwarded_\d+/.exec(Buffer.from(bytes).toString('latin1'))?.[0] ?? '') : '';
}

before(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  program = new Program({
    config: {
      built_in: { rules: false, demo: false },
      storage: { series: { kind: 'remote', write: `${url}/api/v1/write`, query: url } },
    },
    localAgent: false,
  });
});
after(async () => {
  await program.close();
  upstream.close();
});

test('every answered request reaches the other server, in order, though the server was killed', async () => {
  await program.start();
  for (let i = 0; i < COUNT; i += 1) assert.equal((await remoteWrite(program.admin, [sampleNow(`forwarded_${i}`, i)])).status, 204);
  await until('it was tried', () => refused > 0);
  await program.kill();
  isAway = false;
  await program.start();
  await until('all are there', () => new Set(names).size === COUNT);
  const wanted = Array.from({ length: COUNT }, (_, i) => `forwarded_${i}`);
  assert.deepEqual([...new Set(names)], wanted);
});
