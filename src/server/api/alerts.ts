import type { alerts } from '../../contract/api/alerts.ts';
import { explainAlert } from '../../core/alerts/explain.ts';
import type { Alert } from '../../core/alerts/alert.ts';
import { formatCondition } from '../../core/alerts/step.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Settings } from '../../core/config/settings.ts';
import { parseMatchers } from '../../core/routing/parse-matchers.ts';
import { acknowledgeAlert, resolveAlert, unacknowledgeAlert } from '../../engine/commands/alerts.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';
import { viewAdvice, type DocumentSize } from './recommendations.ts';
import { viewAlert, viewAudit, viewMessage, viewRun } from './views.ts';

export interface AlertsContext {
  readonly world: Pick<World, 'store' | 'clock'>;
  readonly settings: () => Settings;
  readonly documentSize: DocumentSize;
}

const STORY_LIMIT = 200;

export function alertVerbs({ world, settings, documentSize }: AlertsContext): Verbs<typeof alerts> {
  const load = async (id: string): Promise<Result<Alert>> => {
    const row = await world.store.load('alert', id);
    return row.value === null ? refuse('not_found', `There is no alert ${id.slice(0, 100)}.`) : { ok: row.value };
  };
  const ruleOf = (alert: Alert) => (alert.rule === null ? null : (settings().rules.get(alert.rule) ?? null));
  return {
    list: async ({ query }) => {
      const matchers = query.filter === undefined ? null : parseMatchers(query.filter);
      if (matchers !== null && matchers.value === null) return refuse('bad_request', 'The filter cannot be read.', matchers.problems);
      const { state, severity, filter: _filter, ...rest } = query;
      const page = await world.store.findAlerts({ ...rest, states: state, severities: severity, matchers: matchers?.value ?? undefined });
      return { ok: { items: page.items.map(viewAlert), next: page.next } };
    },
    get: async ({ params, principal }) => {
      const found = await load(params.id);
      if ('error' in found) return found;
      const alert = found.ok;
      const [timeline, messages, runs, advice] = await Promise.all([
        world.store.findAudit({ about: `alert/${alert.id}`, limit: STORY_LIMIT }),
        world.store.findMessages({ alert: alert.id, limit: STORY_LIMIT }),
        world.store.findRuns({ alert: alert.id, limit: STORY_LIMIT }),
        world.store.findAdvice({ alert: alert.id, limit: STORY_LIMIT }),
      ]);
      const recommendations = await Promise.all(advice.items.map((item) => viewAdvice(item, alert, settings(), documentSize)));
      const rule = ruleOf(alert);
      return {
        ok: {
          alert: viewAlert(alert),
          rule: rule === null ? null : viewRule(rule),
          explanation: explainAlert(alert, rule, world.clock.now()),
          timeline: timeline.items.map(viewAudit),
          messages: messages.items.map(viewMessage),
          runs: runs.items.map((run) => viewRun(run, principal)),
          recommendations,
        },
      };
    },
    explain: async ({ params }) => {
      const found = await load(params.id);
      return 'error' in found ? found : { ok: { explanation: explainAlert(found.ok, ruleOf(found.ok), world.clock.now()) } };
    },
    acknowledge: async ({ params, principal, body }) =>
      toView(await acknowledgeAlert(world, { principal, alert: params.id, comment: body.comment })),
    unacknowledge: async ({ params, principal, body }) =>
      toView(await unacknowledgeAlert(world, { principal, alert: params.id, comment: body.comment })),
    resolve: async ({ params, principal, body }) =>
      toView(await resolveAlert(world, settings(), { principal, alert: params.id, comment: body.comment })),
  };
}

function toView(result: Result<Alert>) {
  return 'error' in result ? result : { ok: viewAlert(result.ok) };
}

function viewRule(rule: NonNullable<ReturnType<Settings['rules']['get']>>) {
  const view = (condition: Parameters<typeof formatCondition>[0]) => formatCondition(condition) || 'found';
  return {
    name: rule.name,
    expr: rule.expr,
    levels: rule.levels.map((level) => ({ name: level.name, condition: view(level), forMs: level.for })),
    recovery: rule.recovery === null ? null : { condition: view(rule.recovery), forMs: rule.recovery.for },
    file: rule.source.file,
    line: rule.source.line,
  };
}
