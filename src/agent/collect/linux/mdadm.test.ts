import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMdstat } from './mdadm.ts';

test('healthy, degraded, rebuilding and stopped arrays', () => {
  const arrays = parseMdstat(`Personalities : [raid1] [raid6] [raid5] [raid4]
md3 : active raid6 sda1[8] sdh1[7] sdg1[6]
      5853468288 blocks super 1.2 level 6, 64k chunk, algorithm 2 [3/3] [UUU]

md4 : inactive sda3[0](F) sdb3[1](S)
      4883648 blocks [2/2] [UU]

md6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]
      195310144 blocks [2/1] [U_]
      [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec

md8 : active raid1 sdb1[1] sda1[0]
      195310144 blocks [2/2] [UU]
      	resync=DELAYED

unused devices: <none>
`);
  assert.deepEqual(
    arrays.map(({ device, state, active, failed, spare, required, blocksSynced }) => [
      device,
      state,
      active,
      failed,
      spare,
      required,
      blocksSynced,
    ]),
    [
      ['md3', 'active', 3, 0, 0, 3, 5853468288],
      ['md4', 'inactive', 0, 1, 1, 2, 4883648],
      ['md6', 'recovering', 1, 1, 1, 2, 16775552],
      ['md8', 'active', 2, 0, 0, 2, 195310144],
    ],
  );
});

test('no arrays, no metrics', () => {
  assert.deepEqual(parseMdstat('Personalities : \nunused devices: <none>\n'), []);
  assert.deepEqual(parseMdstat(''), []);
});
