import { type SelectQueryBuilder, sql } from 'kysely';
import type { RunFilter } from '../../core/actions/run-filter.ts';
import type { Run } from '../../core/actions/run.ts';
import { NEVER } from '../../core/base/time.ts';
import type { Page } from '../../core/change/change.ts';
import { foldText } from './column.ts';
import { boundLimit, comparePositions, parseCursor, type Position } from './cursor.ts';
import type { Dialect } from './dialect.ts';
import { readPage, type Scan } from './list.ts';
import { decodeRun } from './runs.ts';
import type { Schema } from './schema.ts';

/** Index entries that one statement looks at. */
const STRETCH = 4_000;

type RunQuery<O> = SelectQueryBuilder<Schema, 'run', O>;

export function runFinder(dialect: Dialect): (filter: RunFilter) => Promise<Page<Run>> {
  const { build } = dialect;
  return async (filter) => {
    const after = parseCursor(filter.cursor);
    if (after === null) return { items: [], next: null };
    const scan: Scan<Run> = async (from, limit) => {
      const [entry] = await dialect.rows(
        onward(along(build.selectFrom('run').select(['triggered_at', 'id']), filter), filter, from)
          .limit(1)
          .offset(STRETCH - 1),
      );
      let query = fitting(dialect, onward(along(build.selectFrom('run').selectAll(), filter), filter, from), filter);
      if (entry !== undefined) query = query.where((e) => e(e.refTuple('triggered_at', 'id'), '>=', e.tuple(entry.triggered_at, entry.id)));
      const rows = await dialect.rows(query.limit(limit));
      const last = rows.length < limit ? entry : rows.at(-1);
      return { items: rows.map(decodeRun), reached: last === undefined ? null : { at: last.triggered_at, id: last.id } };
    };
    const to = { at: Math.min(filter.to ?? NEVER, NEVER - 1) + 1, id: '' };
    const start = comparePositions(to, after) > 0 ? to : after;
    return readPage([scan], { after: start, length: boundLimit(filter.limit), positionOf: (run) => ({ at: run.triggeredAt, id: run.id }) });
  };
}

/** The conditions that an index holds with the order of the list. */
function along<O>(query: RunQuery<O>, filter: RunFilter): RunQuery<O> {
  let narrowed = query;
  if (filter.action !== undefined) narrowed = narrowed.where('action', '=', filter.action);
  if (filter.host !== undefined) narrowed = narrowed.where('host', '=', filter.host);
  if (filter.alert !== undefined) narrowed = narrowed.where('alert', '=', filter.alert);
  return narrowed;
}

function onward<O>(query: RunQuery<O>, filter: RunFilter, after: Position): RunQuery<O> {
  return query
    .where((e) => e(e.refTuple('triggered_at', 'id'), '<', e.tuple(after.at, after.id)))
    .where('triggered_at', '>=', filter.from ?? -NEVER)
    .orderBy('triggered_at', 'desc')
    .orderBy('id', 'desc');
}

/** The other conditions. */
function fitting<O>(dialect: Dialect, query: RunQuery<O>, filter: RunFilter): RunQuery<O> {
  const { states, requestedBy, verification, text } = filter;
  let narrowed = query;
  if (states !== undefined) narrowed = narrowed.where('state', 'in', states);
  if (verification !== undefined) narrowed = narrowed.where('verification', '=', verification);
  if (requestedBy !== undefined) {
    // A name, or kind and name as people see them: `user:alice`.
    narrowed = narrowed.where((e) =>
      e.or([e('requested_name', '=', requestedBy), e(sql<string>`requested_kind || ':' || requested_name`, '=', requestedBy)]),
    );
  }
  if (text !== undefined && text !== '') narrowed = narrowed.where(dialect.contains(sql<string>`search`, foldText(text)));
  return narrowed;
}
