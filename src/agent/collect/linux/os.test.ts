import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOsRelease } from './os.ts';
import { parseAuxvPageBytes } from './sockstat.ts';

test('values as a shell would read them', () => {
  const [info, version] = parseOsRelease('# comment\nNAME="A \\"B\\" \\$C"\nID=\'x\'\nVERSION_ID=24.04.1\nIGNORED\nPRETTY_NAME=plain\n');
  assert.equal(info?.labels['name'], 'A "B" $C');
  assert.equal(info?.labels['id'], 'x');
  assert.equal(info?.labels['pretty_name'], 'plain');
  assert.equal(version?.value, 24.04);
  assert.equal(parseOsRelease('VERSION_ID=rolling\n').length, 1);
});

test('the size of a page', () => {
  const auxv = new BigUint64Array([3n, 99n, 6n, 65_536n, 0n, 0n]);
  assert.equal(parseAuxvPageBytes(new Uint8Array(auxv.buffer)), 65_536);
  assert.equal(parseAuxvPageBytes(new Uint8Array(5)), 4_096);
});
