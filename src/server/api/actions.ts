import type { actions } from '../../contract/api/actions.ts';
import { whyDenied } from '../../core/access/allow.ts';
import type { Principal } from '../../core/access/actor.ts';
import type { Action, Parameter } from '../../core/actions/action.ts';
import { refuse } from '../../core/base/result.ts';
import type { Settings } from '../../core/config/settings.ts';
import { askForRun } from '../../engine/commands/runs.ts';
import { planRun, whyActionHeld } from '../../engine/request-run.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';
import { viewVariable } from './view-work.ts';
import { viewRun } from './views.ts';

export interface ActionsContext {
  readonly world: Pick<World, 'store' | 'clock' | 'random' | 'agents'>;
  readonly settings: () => Settings;
}

export function actionVerbs({ world, settings }: ActionsContext): Verbs<typeof actions> {
  const find = (name: string) => settings().actions.get(name) ?? null;
  const unknown = (name: string) => refuse('not_found', `There is no action named ${name.slice(0, 100)}.`);
  return {
    list: async ({ principal }) => {
      const seen = [...settings().actions.values()];
      return { ok: { items: await Promise.all(seen.map((action) => viewAction(world, settings(), action, principal))) } };
    },
    get: async ({ params, principal }) => {
      const action = find(params.name);
      return action === null ? unknown(params.name) : { ok: await viewAction(world, settings(), action, principal) };
    },
    preview: async ({ params, body, principal }) => {
      const action = find(params.name);
      if (action === null) return unknown(params.name);
      const denied = whyDenied(principal, 'run', { action: action.name });
      if (denied !== null) return refuse('forbidden', denied);
      const plan = await planRun(world.store, action, body.parameters);
      return {
        ok: {
          argv: plan.argv,
          host: plan.host,
          runAs: action.runAs,
          hostConnected: world.agents.isConnected(plan.host),
          needsApproval: action.approval !== null,
          problems: plan.problems.map(({ path, message }) => ({ path: path ?? '', message })),
          held: await whyActionHeld(world.store, action, world.clock.now()),
        },
      };
    },
    run: async ({ params, body, principal, idempotencyKey }) => {
      const { parameters, comment } = body;
      const asked = await askForRun(world, settings(), {
        principal,
        action: params.name,
        parameters,
        comment,
        alert: body.alert ?? null,
        idempotencyKey,
      });
      return 'error' in asked ? asked : { ok: { run: asked.ok.id, state: asked.ok.state, reason: asked.ok.reason } };
    },
  };
}

async function viewAction(...[world, settings, action, principal]: [Pick<World, 'store'>, Settings, Action, Principal]) {
  const [last, open] = await Promise.all([
    world.store.findRuns({ action: action.name, limit: 1 }),
    world.store.openRuns({ action: action.name }),
  ]);
  const lastRun = last.items[0];
  return {
    name: action.name,
    description: action.description,
    command: action.command,
    script: action.script && { file: action.script.file, sha256: action.script.sha256 },
    parameters: action.parameters.map(viewParameter),
    env: action.env.map(viewVariable),
    tags: action.tags,
    owner: action.owner,
    runOn: action.runOn,
    runAs: action.runAs,
    timeoutMs: action.timeout,
    approval:
      action.approval === null ? null : { by: action.approval.by, expiresMs: action.approval.expires, count: action.approval.count },
    concurrency: action.concurrency,
    cooldownMs: action.cooldown,
    version: action.version,
    file: action.source.file,
    line: action.source.line,
    lastRun: lastRun === undefined ? null : viewRun(lastRun, principal),
    openRuns: open.length,
    mayRun: whyDenied(principal, 'run', { action: action.name }) === null,
    triggers: [...settings.triggers.values()].filter((trigger) => trigger.run === action.name).map((trigger) => trigger.name),
  };
}

function viewParameter(parameter: Parameter) {
  const { name, type, description, required } = parameter;
  return {
    name,
    type,
    description,
    required,
    default: parameter.default,
    pattern: type === 'string' ? parameter.pattern : null,
    maxLength: type === 'string' ? parameter.maxLength : null,
    allowDash: type === 'string' && parameter.allowDash,
    min: type === 'integer' || type === 'number' ? parameter.min : null,
    max: type === 'integer' || type === 'number' ? parameter.max : null,
    values: type === 'enum' ? parameter.values : null,
  };
}
