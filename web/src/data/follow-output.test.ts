import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { followOutput, type FollowState } from './follow-output.ts';

const event = (offset: number, text: string): string =>
  `id: ${offset + text.length}\nevent: output\ndata: ${JSON.stringify({ offset, at: 0, stream: 'stdout', data: Buffer.from(text).toString('base64') })}\n\n`;

/** Follows what a real server answers, connection by connection, until the output is complete. */
async function follow(answers: readonly ((request: IncomingMessage, response: ServerResponse) => void)[]) {
  let served = 0;
  const server = createServer((request, response) => answers[Math.min(served++, answers.length - 1)]?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let text = '';
  const states: FollowState[] = [];
  await new Promise<void>((resolve) => {
    followOutput({
      url: `http://127.0.0.1:${port}/`,
      offset: () => text.length,
      isOver: () => false,
      wait: async () => undefined,
      onChunk: ({ bytes }) => {
        text += Buffer.from(bytes).toString();
      },
      onState: (state) => {
        states.push(state);
        if (state.kind === 'complete') resolve();
      },
    });
  });
  server.closeAllConnections();
  server.close();
  return { text, kinds: states.map(({ kind }) => kind), served };
}

const stream = { 'content-type': 'text/event-stream' };

test('a lost connection goes on after the last byte that came', async () => {
  const resumed: unknown[] = [];
  const { text, kinds } = await follow([
    (_request, response) => {
      response.writeHead(200, stream).write(event(0, 'one '));
      setImmediate(() => response.destroy());
    },
    (request, response) => {
      resumed.push(request.headers['last-event-id']);
      response.writeHead(200, stream).end(`${event(4, 'two')}event: end\ndata: {}\n\n`);
    },
  ]);
  assert.equal(text, 'one two');
  assert.deepEqual(resumed, ['4']);
  assert.equal(kinds.at(-1), 'complete');
});

test('a refusal is told with its reason, and tried again', async () => {
  const { kinds, served } = await follow([
    (_request, response) =>
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":{"code":"unavailable","message":"busy"}}'),
    (_request, response) => response.writeHead(200, stream).end('event: end\ndata: {}\n\n'),
  ]);
  assert.deepEqual(kinds, ['lost', 'following', 'complete']);
  assert.equal(served, 2);
});

test('what is no chunk is passed over', async () => {
  const { text } = await follow([
    (_request, response) =>
      response.writeHead(200, stream).end(`data: nonsense\n\ndata: {"offset":"x"}\n\n${event(0, 'ok')}event: end\ndata: {}\n\n`),
  ]);
  assert.equal(text, 'ok');
});
