import type { Found } from '../core/change/change.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Rule } from '../core/rules/rule.ts';
import type { Question, World } from '../world.ts';
import { type Evaluation, judgeAnswer, NOTHING } from './evaluate.ts';

/** What became of one rule of many. `alone`: it was not judged, and has to be judged by itself. */
export type Judgement = Evaluation | { readonly outcome: 'alone' } | { readonly outcome: 'thrown'; readonly error: unknown };

const ALONE: Judgement = { outcome: 'alone' };
const NONE: readonly Found<'alert'>[] = [];

/** Many rules at once: one look at their open alerts, one question to the series store, and work only where there is something to judge. */
export async function evaluateRules(
  world: World,
  settings: Settings,
  names: readonly string[],
  now: Millis,
): Promise<ReadonlyMap<string, Judgement>> {
  const open = byRule(await world.store.openAlertsOfRules(names));
  const judgements = new Map<string, Judgement>();
  const rules: Rule[] = [];
  const questions: Question[] = [];
  for (const name of names) {
    const rule = settings.rules.get(name);
    if (rule === undefined) judgements.set(name, ALONE);
    else {
      rules.push(rule);
      // Without an open alert only what meets a level changes anything.
      questions.push({ expr: rule.expr, worth: open.has(name) ? null : rule.levels });
    }
  }
  const answers = await world.series.instants(questions, now);
  const judging: Promise<unknown>[] = [];
  for (const [index, rule] of rules.entries()) {
    const answer = answers[index] ?? 'slow';
    const rows = open.get(rule.name) ?? NONE;
    if (answer === 'slow') judgements.set(rule.name, ALONE);
    else if (rows === NONE && 'samples' in answer && answer.samples.length === 0) judgements.set(rule.name, NOTHING);
    else {
      const judged = judgeAnswer(world, settings, { rule, open: rows, answer }, now).then(
        (evaluation) => judgements.set(rule.name, evaluation),
        (error: unknown) => judgements.set(rule.name, { outcome: 'thrown', error }),
      );
      judging.push(judged);
    }
  }
  await Promise.all(judging);
  return judgements;
}

function byRule(alerts: readonly Found<'alert'>[]): ReadonlyMap<string | null, readonly Found<'alert'>[]> {
  const found = new Map<string | null, Found<'alert'>[]>();
  for (const alert of alerts) {
    const others = found.get(alert.value.rule);
    if (others === undefined) found.set(alert.value.rule, [alert]);
    else others.push(alert);
  }
  return found;
}
