import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A small disk of its own at a folder: a real file system that really gets full. */
export interface SmallDisk {
  resize(size: string): void;
  close(): void;
}

/** `size` as mount takes it: `8m`. Null where this process may not mount. */
export function openSmallDisk(folder: string, size: string): SmallDisk | null {
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0 || !isDone('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])) return null;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) isOpen = !isDone('umount', ['--lazy', folder]);
  };
  process.on('exit', close);
  return {
    resize: (wanted) => {
      if (!isDone('mount', ['-o', `remount,size=${wanted}`, folder])) throw new Error(`the disk cannot be made ${wanted}`);
    },
    close,
  };
}

function isDone(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
