import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Masker, type Piece } from './mask.ts';

type Stream = 'stdout' | 'stderr';
type Reading = readonly [Stream, string];

function run(secrets: readonly string[], readings: readonly Reading[], overtakeAt = -1): readonly Piece<Stream>[] {
  const masker = new Masker<Stream>(secrets);
  const given: Piece<Stream>[] = [];
  for (const [index, [stream, text]] of readings.entries()) {
    given.push(...masker.push(stream, index, Buffer.from(text)));
    if (index === overtakeAt) given.push(...masker.overtake());
  }
  given.push(...masker.end());
  return given;
}

function textOf(pieces: readonly Piece<Stream>[], stream?: Stream): string {
  return pieces
    .filter((piece) => stream === undefined || piece.stream === stream)
    .map((piece) => piece.bytes.toString())
    .join('');
}

/** The plain meaning of masking, for one stream that is known as a whole: every covered byte goes, one mask where a covered place begins. */
function maskWhole(secrets: readonly string[], text: string): string {
  const covered = Array.from({ length: text.length }, () => false);
  const begins = Array.from({ length: text.length }, () => true);
  for (const secret of secrets.filter((each) => each !== '')) {
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      for (let i = at; i < at + secret.length; i += 1) {
        covered[i] = true;
        if (i > at) begins[i] = false;
      }
    }
  }
  let masked = '';
  for (let i = 0; i < text.length; i += 1) {
    if (covered[i] !== true) masked += text[i];
    else if (begins[i] === true) masked += '***';
  }
  return masked;
}

const stream = fc.constantFrom<Stream>('stdout', 'stderr');
const narrow = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
const readings = fc.array(fc.tuple(stream, narrow), { maxLength: 20 });
const secrets = fc.array(narrow, { maxLength: 3 });

test('a secret in one piece, over two pieces, and with another stream between them', () => {
  assert.equal(textOf(run(['hunter2'], [['stdout', 'key hunter2!']])), 'key ***!');
  assert.equal(
    textOf(
      run(
        ['hunter2'],
        [
          ['stdout', 'key hun'],
          ['stdout', 'ter2!'],
        ],
      ),
    ),
    'key ***!',
  );
  const mixed = run(
    ['hunter2'],
    [
      ['stdout', 'key hun'],
      ['stderr', 'warning '],
      ['stdout', 'ter2!'],
    ],
  );
  assert.deepEqual(
    mixed.map((piece) => [piece.stream, piece.at, piece.bytes.toString()]),
    [
      ['stdout', 0, 'key '],
      ['stdout', 0, '***'],
      ['stderr', 1, 'warning '],
      ['stdout', 2, '!'],
    ],
  );
});

test('a text that only begins like a secret comes whole, in its place', () => {
  const pieces = run(
    ['hunter2'],
    [
      ['stdout', 'hun'],
      ['stderr', 'x'],
      ['stdout', 'gry'],
    ],
  );
  assert.deepEqual(
    pieces.map((piece) => piece.bytes.toString()),
    ['hun', 'x', 'gry'],
  );
});

test('secrets with letters that mean something in a pattern are taken literally', () => {
  assert.equal(textOf(run(['+++', 'a.c', '(', '$&'], [['stdout', '1+++2 abc a.c (x) $& $']])), '1***2 abc *** ***x) *** $');
});

test('the longer of two secrets with one beginning leaves nothing of itself', () => {
  assert.equal(
    textOf(
      run(
        ['pass', 'password'],
        [
          ['stdout', 'pass'],
          ['stdout', 'word pass'],
        ],
      ),
    ),
    '*** ***',
  );
});

test('each stream is masked as if it had come as a whole', () => {
  fc.assert(
    fc.property(secrets, readings, fc.integer({ min: -1, max: 20 }), (texts, read, overtakeAt) => {
      const pieces = run(texts, read, overtakeAt);
      for (const each of ['stdout', 'stderr'] as const) {
        const whole = read
          .filter(([name]) => name === each)
          .map(([, text]) => text)
          .join('');
        assert.equal(textOf(pieces, each), maskWhole(texts, whole));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what is not secret comes in the order in which it was read', () => {
  fc.assert(
    fc.property(secrets, readings, (texts, read) => {
      const moments = run(texts, read).map((piece) => piece.at);
      assert.deepEqual(
        moments,
        [...moments].sort((a, b) => a - b),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('what waits behind a held end can be let through, and then nothing waits', () => {
  const masker = new Masker<Stream>(['hunter2']);
  masker.push('stdout', 0, Buffer.from('hun'));
  assert.equal(masker.push('stderr', 1, Buffer.from('progress')).length, 0);
  assert.equal(masker.waitingBytes, 8);
  assert.equal(textOf(masker.overtake()), 'progress');
  assert.equal(masker.waitingBytes, 0);
  assert.equal(textOf(masker.push('stdout', 2, Buffer.from('ter2\n'))), '***\n');
});
