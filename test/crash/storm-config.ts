import { join } from 'node:path';

const STEPS = join(import.meta.dirname, 'steps.sh');

/** How many lines each action puts out. */
export const LINES: Readonly<Record<string, number>> = { quick: 3, slow: 12, guarded: 3, remedy: 3 };

/** A configuration in which everything happens soon, so that a kill interrupts it at any stage. */
export function stormConfig(places: { readonly hookUrl: string; readonly ledger: string }): object {
  const action = (name: string, pause: string, more: object = {}): object => ({
    command: ['/bin/sh', STEPS, places.ledger, String(LINES[name]), pause],
    concurrency: 500,
    timeout: '1m',
    ...more,
  });
  return {
    channels: { hook: { type: 'webhook', url: places.hookUrl, timeout: '2s' } },
    route: { channel: 'hook', group_by: ['...'], group_wait: '50ms', group_interval: '100ms', repeat_interval: '1h' },
    rules: { Hot: { expr: 'storm_hot > 0', warning: {} } },
    actions: {
      quick: action('quick', '0'),
      slow: action('slow', '0.1'),
      remedy: action('remedy', '0'),
      guarded: action('guarded', '0', { approval: { by: ['token:bob'], expires: '10m' } }),
    },
    triggers: { remedy: { match: 'act="yes"', run: 'remedy', verify: { within: '5m' } } },
    built_in: { rules: false, demo: false },
  };
}
