import { sql } from 'kysely';
import type { Millis } from '../../core/base/time.ts';
import type { Found, TableName } from '../../core/change/change.ts';
import { type Dialect, step, type Step } from './dialect.ts';
import type { Keeper } from './noun.ts';

export interface Kept {
  readonly alert: Keeper<'alert'>;
  readonly message: Keeper<'message'>;
  readonly run: Keeper<'run'>;
  readonly advice: Keeper<'advice'>;
  readonly session: Keeper<'session'>;
  readonly setup: Keeper<'setup'>;
  readonly cooldown: Keeper<'cooldown'>;
}

/** Deletes what is over since before a moment, at most `limit` rows of each kind. What is still needed stays, however old. */
export function retention(
  dialect: Dialect,
  kept: Kept,
): (before: Millis, limit: number) => Promise<{ readonly deleted: number; readonly runs: readonly string[] }> {
  const { build } = dialect;
  return async (before, limit) => {
    const runs = await kept.run.found(
      await dialect.rows(
        build
          .selectFrom('run')
          .selectAll()
          .where('open', '=', sql.lit(0))
          .where('triggered_at', '<', before)
          .where((e) => e.or([e('finished_at', 'is', null), e('finished_at', '<', before)]))
          .where((e) => e.or([e('verification', 'is', null), e('verification', '!=', sql.lit('waiting'))]))
          .orderBy('triggered_at')
          .limit(limit),
      ),
    );
    const alerts = await kept.alert.found(
      await dialect.rows(
        build
          .selectFrom('alert')
          .selectAll()
          .where('open', '=', sql.lit(0))
          .where('resolved_at', '<', before)
          .where((e) => e.not(e.exists(e.selectFrom('group_member').select('alert').whereRef('group_member.alert', '=', 'alert.id'))))
          .orderBy('resolved_at')
          .limit(limit),
      ),
    );
    const messages = await kept.message.found(
      await dialect.rows(
        build
          .selectFrom('message')
          .selectAll()
          .where(sql<boolean>`state in ('sent', 'given up')`)
          .where('created_at', '<', before)
          .orderBy('created_at')
          .limit(limit),
      ),
    );
    const advice = await kept.advice.found(
      await dialect.rows(build.selectFrom('advice').selectAll().where('open', '=', 0).where('closed_at', '<', before).limit(limit)),
    );
    const sessions = await kept.session.found(
      await dialect.rows(build.selectFrom('session').selectAll().where('expires_at', '<', before).limit(limit)),
    );
    const setups = await kept.setup.found(
      await dialect.rows(build.selectFrom('setup').selectAll().where('expires_at', '<', before).limit(limit)),
    );
    // One for each target that a trigger was ever pulled for.
    const cooldowns = await kept.cooldown.found(
      await dialect.rows(build.selectFrom('cooldown').selectAll().where('at', '<', before).limit(limit)),
    );
    const groups: readonly (readonly Step[])[] = [
      ...drops(kept.run, runs),
      ...drops(kept.alert, alerts),
      ...drops(kept.message, messages),
      ...drops(kept.advice, advice),
      ...drops(kept.session, sessions),
      ...drops(kept.setup, setups),
      ...drops(kept.cooldown, cooldowns),
      ...(await auditSteps(dialect, before, limit)),
    ];
    // Each apart: one that changed meanwhile keeps none of the others.
    const results = await Promise.all(groups.map((steps) => dialect.apply(steps)));
    const gone = runs.filter((_, index) => results[index] === 'done').map((run) => run.id);
    return { deleted: results.filter((result) => result === 'done').length, runs: gone };
  };
}

function drops<K extends TableName>(keeper: Keeper<K>, rows: readonly Found<K>[]): readonly (readonly Step[])[] {
  return rows.map((row) => keeper.drop(row));
}

async function auditSteps({ build, rows }: Dialect, before: Millis, limit: number): Promise<readonly (readonly Step[])[]> {
  // The newest line stays, so that no number is given out twice.
  const newest = build.selectFrom('audit').select((e) => e.fn.max('id').as('id'));
  const lines = await rows(build.selectFrom('audit').select(['id', 'at']).where('id', '<', newest).orderBy('id').limit(limit));
  return lines
    .filter((line) => line.at < before)
    .map((line) => [
      step(build.deleteFrom('audit').where('id', '=', line.id), 1),
      step(build.deleteFrom('audit_about').where('audit', '=', line.id)),
    ]);
}
