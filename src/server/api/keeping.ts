import type { keeping } from '../../contract/api/keeping.ts';
import { refuse } from '../../core/base/result.ts';
import type { Millis } from '../../core/base/time.ts';
import { type HoldCommands, holdSamples, liftHold } from '../../engine/commands/holds.ts';
import { recallSamples, type RecallCommands, type SeriesRecall } from '../../engine/commands/recall.ts';
import type { SeriesHolds } from '../../engine/commands/holds.ts';
import type { Verbs } from '../parts.ts';
import { parseSelectors } from './selectors.ts';

/** The bounds of what has none. */
const EVER = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };

type Commands = Pick<RecallCommands & HoldCommands, 'world'> & { readonly keeping: (SeriesRecall & SeriesHolds) | null };

export function keepingVerbs(commands: Commands): Verbs<typeof keeping> {
  return {
    recall: async ({ principal, body }) => {
      const { start = EVER.from, end = EVER.to, keep, reason, dryRun } = body;
      if (start > end) return refuse('bad_request', 'The end is before the start.');
      const recalled = await recallSamples(commands, principal, { from: start, to: end, keep, reason, dryRun });
      if ('error' in recalled) return recalled;
      const { running: _, ...told } = recalled.ok;
      return { ok: { ...told, unreadable: [...told.unreadable] } };
    },
    hold: async ({ principal, body }) => {
      const { name, match, start = EVER.from, end = EVER.to, reason } = body;
      if (start > end) return refuse('bad_request', 'The end is before the start.');
      const selectors = parseSelectors(match);
      if ('error' in selectors) return selectors;
      const held = await holdSamples(commands, principal, { name, match, selectors: selectors.ok, from: start, to: end, reason });
      if ('error' in held) return held;
      return { ok: { name, from: bound(held.ok.from), to: bound(held.ok.to) } };
    },
    lift: ({ principal, params, body }) => liftHold(commands, principal, { name: params.name, reason: body.reason }),
  };
}

function bound(time: Millis): Millis | null {
  return time === EVER.from || time === EVER.to ? null : time;
}
