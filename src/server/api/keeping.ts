import type { keeping } from '../../contract/api/keeping.ts';
import { refuse } from '../../core/base/result.ts';
import { recallSamples, type RecallCommands } from '../../engine/commands/recall.ts';
import type { Verbs } from '../parts.ts';

/** The bounds of what has none. */
const EVER = { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };

export function keepingVerbs(commands: RecallCommands): Verbs<typeof keeping> {
  return {
    recall: async ({ principal, body }) => {
      const { start = EVER.from, end = EVER.to, keep, reason, dryRun } = body;
      if (start > end) return refuse('bad_request', 'The end is before the start.');
      const recalled = await recallSamples(commands, principal, { from: start, to: end, keep, reason, dryRun });
      if ('error' in recalled) return recalled;
      const { running: _, ...told } = recalled.ok;
      return { ok: { ...told, unreadable: [...told.unreadable] } };
    },
  };
}
