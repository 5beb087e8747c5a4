import { NEVER, type Millis } from '../../core/base/time.ts';
import type { Due, DueKind } from '../../core/change/change.ts';
import { millisColumn } from './column.ts';
import { type Dialect, step, type Step } from './dialect.ts';
import type { DueTable } from './schema.ts';

interface Wake {
  readonly kind: DueKind;
  readonly id: string;
  readonly at: Millis;
  readonly failures?: number;
}

export interface DueMoments {
  due(now: Millis, limit: number): Promise<readonly Due[]>;
  nextDue(): Promise<Millis>;
  agenda(limit: number): Promise<readonly Due[]>;
  wake(wake: Wake): Step;
}

export function dueMoments(dialect: Dialect): DueMoments {
  const { build } = dialect;
  const earliest = build.selectFrom('due').select(['kind', 'id', 'at', 'failures']).orderBy('at').orderBy('kind').orderBy('id');
  const due = earliest.where('at', '<=', 0).limit(0).compile();
  const agenda = earliest.limit(0).compile();
  const next = build.selectFrom('due').select('at').orderBy('at').limit(1).compile();
  const remember = step(
    build
      .insertInto('due')
      .values({ kind: 'alert', id: '', at: 0, failures: 0 })
      .onConflict((conflict) =>
        conflict.columns(['kind', 'id']).doUpdateSet((e) => ({ at: e.ref('excluded.at'), failures: e.ref('excluded.failures') })),
      ),
  ).sql;
  const forget = step(build.deleteFrom('due').where('kind', '=', 'alert').where('id', '=', '')).sql;
  return {
    due: async (now, limit) => (await dialect.rows(due, [now, limit])).map(decodeDue),
    agenda: async (limit) => (await dialect.rows(agenda, [limit])).map(decodeDue),
    nextDue: async () => (await dialect.rows(next))[0]?.at ?? NEVER,
    wake: ({ kind, id, at, failures = 0 }) =>
      at >= NEVER ? { sql: forget, parameters: [kind, id] } : { sql: remember, parameters: [kind, id, millisColumn(at), failures] },
  };
}

function decodeDue({ kind, id, at, failures }: DueTable): Due {
  return { kind, id, at, failures };
}
