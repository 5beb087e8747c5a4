import type { runs } from '../../contract/api/runs.ts';
import type { Principal } from '../../core/access/actor.ts';
import { describeWork } from '../../core/actions/work.ts';
import type { Run } from '../../core/actions/run.ts';
import type { Settings } from '../../core/config/settings.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { approveRun, cancelRun, rejectRun } from '../../engine/commands/runs.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';
import { viewAudit, viewRun } from './views.ts';
import { viewWork } from './view-work.ts';

export interface RunsContext {
  readonly world: Pick<World, 'store' | 'clock' | 'random'>;
  readonly settings: () => Settings;
}

const STORY_LIMIT = 200;

export function runVerbs({ world, settings }: RunsContext): Verbs<typeof runs> {
  return {
    list: async ({ query, principal }) => {
      const { state, ...rest } = query;
      const page = await world.store.findRuns({ ...rest, states: state });
      return { ok: { items: page.items.map((run) => viewRun(run, principal)), next: page.next } };
    },
    get: async ({ params, principal }) => {
      const row = await world.store.load('run', params.id);
      if (row.value === null) return refuse('not_found', `There is no run ${params.id.slice(0, 100)}.`);
      const timeline = await world.store.findAudit({ about: `run/${params.id}`, limit: STORY_LIMIT });
      const run = row.value;
      const action = settings().actions.get(run.action);
      const work = action?.version === run.version ? viewWork(describeWork(action, run.parameters)) : null;
      return { ok: { run: viewRun(run, principal), work, timeline: timeline.items.map(viewAudit) } };
    },
    approve: async ({ params, principal, body }) =>
      toView(await approveRun(world, { principal, run: params.id, comment: body.comment }), principal),
    reject: async ({ params, principal, body }) =>
      toView(await rejectRun(world, { principal, run: params.id, comment: body.comment }), principal),
    cancel: async ({ params, principal, body }) =>
      toView(await cancelRun(world, { principal, run: params.id, comment: body.comment }), principal),
  };
}

function toView(result: Result<Run>, principal: Principal) {
  return 'error' in result ? result : { ok: viewRun(result.ok, principal) };
}
