import type { Collector } from './collector.ts';

/** The collectors of an operating system. Loaded when asked for, so that a machine does not hold those of another in memory. */
export async function openCollectors(platform: string): Promise<readonly Collector[]> {
  if (platform === 'linux') return (await import('./linux/collectors.ts')).linuxCollectors();
  return (await import('./portable/collectors.ts')).portableCollectors(platform);
}
