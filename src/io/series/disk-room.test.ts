import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskRoom } from './disk-room.ts';

const MIB = 1 << 20;

test('what is written between two measurements counts, and space that is there again is seen within a second', () => {
  let now = 0;
  let measured = 0;
  let free = 100 * MIB;
  const room = new DiskRoom(
    50 * MIB,
    () => {
      measured += 1;
      return { free, total: 1_000 * MIB };
    },
    () => now,
  );
  for (let i = 0; i < 50; i += 1) {
    assert.equal(room.whyFull(), null);
    room.took(MIB);
  }
  room.took(1);
  assert.match(room.whyFull() ?? '', /^50 MiB are free on the disk of the series, and 50 MiB are to stay free$/);
  assert.equal(measured, 1);
  now = 1_000;
  free = 51 * MIB;
  assert.equal(room.whyFull(), null);
  assert.equal(measured, 2);
});

test('without a floor a small disk keeps a twentieth free, a large one 128 MiB; a disk that does not tell has room', () => {
  const floors = [1_000 * MIB, 1e12].map((total) => new DiskRoom(null, () => ({ free: total, total })).status().floorBytes);
  assert.deepEqual(floors, [50 * MIB, 128 * MIB]);
  const silent = new DiskRoom(null, () => null);
  assert.deepEqual([silent.whyFull(), silent.hasRoom(1e18, 'all')], [null, true]);
});

test('a write that failed for want of space counts until there is room, or until one succeeds', () => {
  let free = 10;
  const room = new DiskRoom(0, () => ({ free, total: 1_000 * MIB }), performance.now.bind(performance));
  assert.equal(room.failed('EIO: i/o error, write', 100), false);
  assert.equal(room.status().full, null);
  assert.equal(room.failed('ENOSPC: no space left on device, write', 100), true);
  assert.match(room.status().full ?? '', /ENOSPC/);
  free = 2 * MIB;
  room.failed('only 3 of 100 bytes could be written', 100);
  assert.equal(room.status().full, null);
  room.failed('EDQUOT: disk quota exceeded, write', 100);
  assert.match(room.status().full ?? '', /EDQUOT/);
  room.took(100);
  assert.equal(room.status().full, null);
});
