import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLog, type LogLevel } from './log.ts';

function logTo(lines: string[], level: LogLevel = 'debug'): ReturnType<typeof openLog> {
  return openLog({ level, now: () => 0, write: (line) => lines.push(line) });
}

test('one line a call, with its fields', () => {
  const lines: string[] = [];
  logTo(lines).warn('disk is full', { path: '/var', left: 3, why: new Error('no "space"'), none: undefined });
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z level=warn msg="disk is full" path=/var left=3 why="no \\"space\\""\n']);
});

test('what came from outside cannot begin a line of its own or reach the terminal', () => {
  const lines: string[] = [];
  logTo(lines).error('bad', { from: 'a\nlevel=info msg=forged\u001b[31m\u2028' });
  assert.equal(lines.length, 1);
  assert.deepEqual(
    ['\n', '\u001b', '\u2028'].map((char) => lines[0]?.split(char).length),
    [2, 1, 1],
  );
});

test('secrets are not printed, neither by the name of the field nor inside a text', () => {
  const lines: string[] = [];
  const log = logTo(lines);
  log.conceal('hunter2-hunter2');
  log.info('sent hunter2-hunter2 off', { token: 'abc', apiKey: 'k', header: 'Bearer hunter2-hunter2' });
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z level=info msg="sent *** off" token=*** apiKey=*** header="Bearer ***"\n']);
});

test('less severe lines are left out', () => {
  const lines: string[] = [];
  const log = logTo(lines, 'warn');
  log.debug('a');
  log.info('b');
  log.warn('c');
  assert.equal(lines.length, 1);
});
