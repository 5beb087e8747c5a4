import { sql } from 'kysely';
import type { Advice } from '../../core/recommendations/recommendation.ts';
import type { Found, Page } from '../../core/change/change.ts';
import { millisColumn, optionalMillisColumn } from './column.ts';
import { boundLimit, pageOf, parseCursor } from './cursor.ts';
import type { Dialect } from './dialect.ts';
import { type Columns, keep, type Keeper } from './noun.ts';
import type { AdviceTable } from './schema.ts';

export interface AdviceReads {
  openAdvice(alert: string): Promise<readonly Found<'advice'>[]>;
  findAdvice(filter: {
    readonly alert?: string | undefined;
    readonly open?: boolean | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Advice>>;
}

export function adviceReads(dialect: Dialect, advice: Keeper<'advice'>): AdviceReads {
  const all = dialect.build.selectFrom('advice').selectAll();
  const open = all.where('alert', '=', '').where('open', '=', sql.lit(1)).compile();
  return {
    openAdvice: async (alert) => advice.found(await dialect.rows(open, [alert])),
    findAdvice: async (filter) => {
      const after = parseCursor(filter.cursor);
      if (after === null) return { items: [], next: null };
      const length = boundLimit(filter.limit);
      let query = all.where((e) => e(e.refTuple('opened_at', 'id'), '<', e.tuple(after.at, after.id)));
      if (filter.alert !== undefined) query = query.where('alert', '=', filter.alert);
      if (filter.open !== undefined) query = query.where('open', '=', filter.open ? 1 : 0);
      const rows = await dialect.rows(
        query
          .orderBy('opened_at', 'desc')
          .orderBy('id', 'desc')
          .limit(length + 1),
      );
      return pageOf(rows.map(decodeAdvice), length, (one) => ({ at: one.openedAt, id: one.id }));
    },
  };
}

export function keepAdvice(dialect: Dialect): Keeper<'advice'> {
  return keep(dialect, { table: 'advice', encode: encodeAdvice, decodeAll: async (rows) => rows.map(decodeAdvice) });
}

function encodeAdvice(advice: Advice): Columns<'advice'> {
  return {
    id: advice.id,
    recommendation: advice.recommendation,
    trigger: advice.trigger,
    alert: advice.alert,
    open: advice.state === 'active' || advice.state === 'acknowledged' ? 1 : 0,
    state: advice.state,
    by: advice.by,
    comment: advice.comment,
    opened_at: millisColumn(advice.openedAt),
    closed_at: optionalMillisColumn(advice.closedAt),
  };
}

function decodeAdvice(row: AdviceTable): Advice {
  return {
    id: row.id,
    recommendation: row.recommendation,
    trigger: row.trigger,
    alert: row.alert,
    state: row.state,
    by: row.by,
    comment: row.comment,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
  };
}
