import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels } from '../../../core/base/labels.ts';
import { openManualClock } from '../../../../test/doors/manual-clock.ts';
import { openMemoryFiles, type MemoryFiles } from '../../../../test/doors/memory-files.ts';
import type { FileSystemSpace } from '../../../io/files.ts';
import { openFilesystem, parseMounts } from './filesystem.ts';

test('real file systems only; escapes are undone, doubles are one', () => {
  const mounts = parseMounts(
    [
      'rootfs / rootfs rw 0 0',
      'overlay / overlay rw 0 0',
      'proc /proc proc rw 0 0',
      'tmpfs /dev/shm tmpfs rw 0 0',
      'tmpfs /run tmpfs rw,size=1k 0 0',
      '/dev/sda1 /mnt/my\\040disk\\134 ext4 ro,relatime 0 0',
      '/dev/sda1 /mnt/my\\040disk\\134 ext4 ro,relatime 0 0',
      'overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0',
      'server:/x /nfs nfs4 rw 0 0',
      'broken line',
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    mounts.map(({ device, mountpoint, fstype, readonly }) => `${device} ${mountpoint} ${fstype} ${readonly ? 'ro' : 'rw'}`),
    ['overlay / overlay rw', 'tmpfs /run tmpfs rw', '/dev/sda1 /mnt/my disk\\ ext4 ro', 'server:/x /nfs nfs4 rw'],
  );
});

const SPACE: FileSystemSpace = { sizeBytes: 10, freeBytes: 5, availableBytes: 4, files: 3, filesFree: 2 };

function machine(mounts: readonly string[]): { files: MemoryFiles; hang: (path: string) => (space: FileSystemSpace) => void } {
  const files = openMemoryFiles({ '/proc/1/mounts': mounts.join('\n') });
  for (const line of mounts) files.spaces.set(line.split(' ')[1] ?? '', SPACE);
  const hang = (path: string): ((space: FileSystemSpace) => void) => {
    let answer: (space: FileSystemSpace) => void = () => {};
    files.spaces.set(path, new Promise((resolve) => (answer = resolve)));
    return answer;
  };
  return { files, hang };
}

test('a server that does not answer is told as an error; the local disks and later steps are unharmed', async () => {
  const { files, hang } = machine([
    'dead:/a /a nfs rw',
    '/dev/sda / ext4 rw',
    'dead:/b /b nfs rw',
    'dead:/c /c nfs rw',
    'fine:/d /d nfs rw',
  ]);
  const answers = ['/a', '/b', '/c'].map(hang);
  const clock = openManualClock(0);
  const filesystem = openFilesystem();
  const from = { files, clock, proc: '/proc', sys: '/sys', root: '' };
  const errors = async (): Promise<string[]> => {
    const collected = filesystem.collect(from);
    await clock.advance(4_000);
    const metrics = await collected;
    const known = metrics.filter(({ labels }) => formatLabels(labels).startsWith('node_filesystem_device_error'));
    return known
      .filter(({ value }) => value === 1)
      .map(({ labels }) => labels['mountpoint'] ?? '')
      .sort();
  };
  // Two calls may hang; the third remote one and all behind it are not even asked.
  assert.deepEqual(await errors(), ['/a', '/b', '/c', '/d']);
  assert.deepEqual(await errors(), ['/a', '/b', '/c', '/d']);
  for (const answer of answers.slice(0, 2)) answer(SPACE);
  files.spaces.set('/a', SPACE);
  files.spaces.set('/b', SPACE);
  await clock.advance(1);
  assert.deepEqual(await errors(), ['/c']);
});

test('a mount that may not be asked is an error, without an answer of its size', async () => {
  const { files } = machine(['/dev/sda / ext4 rw', '/dev/sdb /secret ext4 ro']);
  files.spaces.delete('/secret');
  const metrics = await openFilesystem().collect({ files, clock: openManualClock(0), proc: '/proc', sys: '/sys', root: '' });
  const secret = metrics
    .filter(({ labels }) => labels['mountpoint'] === '/secret')
    .map(({ labels, value }) => `${labels['__name__']} ${value}`);
  assert.deepEqual(secret, ['node_filesystem_device_error 1', 'node_filesystem_readonly 1']);
});
