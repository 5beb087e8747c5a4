import { type RawBuilder, sql } from 'kysely';
import type { AlertFilter } from '../../core/alerts/alert-filter.ts';
import { type Alert, alertHost } from '../../core/alerts/alert.ts';
import { LEVELS, SEVERITY_NUMBER, type Severity } from '../../core/alerts/severity.ts';
import type { Labels } from '../../core/base/labels.ts';
import { NEVER } from '../../core/base/time.ts';
import { type CompiledMatcher, compileMatcher, matchesLabels } from '../../core/promql/matcher.ts';
import type { Page } from '../../core/change/change.ts';
import { decodeAlert } from './alerts.ts';
import { foldText, parseJson } from './column.ts';
import { boundLimit, comparePositions, parseCursor, type Position } from './cursor.ts';
import { type Dialect, readByKeys } from './dialect.ts';
import { facetOf, HOST_FACET, RULE_FACET } from './facet.ts';
import { readPage, type Scan } from './list.ts';
import type { AlertTable } from './schema.ts';

/** Index entries that one statement looks at: some milliseconds at most. */
const STRETCH = 4_000;
/** A matcher with more alternatives is not looked up in the index. */
const ALTERNATIVES = 50;
/** A facet with more entries than this is not rare. */
const RARE = 2_000;
const SEVERITIES: readonly Severity[] = [...LEVELS, 'none', 'unknown'];

/** A filter, as far as the database can answer it. */
interface Query {
  /** One of each set must be there. */
  readonly facets: readonly (readonly number[])[];
  readonly severities: readonly number[] | null;
  readonly states: readonly string[] | null;
  readonly text: string | null;
  readonly from: number;
  /** What only the labels themselves can answer. */
  readonly matchers: readonly CompiledMatcher[];
  /** Facets are hashes: whatever they find is compared again. */
  fits(alert: Alert): boolean;
}

interface Entry {
  readonly id: string;
  readonly active_at: number;
}

/** A list of alerts is two lists, each with its own index entries: of those that are open (1) and those that are not (0). */
export function alertFinder(dialect: Dialect): (filter: AlertFilter) => Promise<Page<Alert>> {
  const byIds = readByKeys(dialect, (keys) => dialect.build.selectFrom('alert').selectAll().where('id', 'in', keys));
  return async (filter) => {
    const after = parseCursor(filter.cursor);
    const query = toQuery(filter);
    if (after === null || query === null) return { items: [], next: null };
    const to = { at: Math.min(filter.to ?? NEVER, NEVER - 1) + 1, id: '' };
    const scans: Scan<Alert>[] = [];
    for (const open of [1, 0] as const) {
      if (!mayBe(open, filter)) continue;
      const entries = await chooseEntries(dialect, query, open);
      scans.push(query.matchers.length === 0 ? indexScan(dialect, query, entries) : labelScan(dialect, query, entries, byIds));
    }
    return readPage(scans, { after: comparePositions(to, after) > 0 ? to : after, length: boundLimit(filter.limit), positionOf });
  };
}

function positionOf(alert: Alert): Position {
  return { at: alert.activeAt, id: alert.id };
}

function mayBe(open: 0 | 1, { states }: AlertFilter): boolean {
  return states === undefined || states.some((state) => (state === 'resolved') === (open === 0));
}

/** Null when nothing can fit. */
function toQuery(filter: AlertFilter): Query | null {
  let severities = filter.severities ?? SEVERITIES;
  const facets: (readonly number[])[] = [];
  const looked: CompiledMatcher[] = [];
  const matchers: CompiledMatcher[] = [];
  for (const one of filter.matchers ?? []) {
    const matcher = compileMatcher(one).value;
    if (matcher === null) return null;
    if (matcher.name === 'severity') {
      severities = severities.filter((severity) => matcher.test(severity));
      continue;
    }
    const { name, op, literals } = matcher;
    const positive = op === '=' || op === '=~';
    if (positive && literals !== null && literals.length <= ALTERNATIVES && !literals.includes('')) {
      facets.push(literals.map((value) => facetOf(name, value)));
      looked.push(matcher);
    } else matchers.push(matcher);
  }
  const { rule, host, states } = filter;
  if (rule !== undefined) facets.push([facetOf(RULE_FACET, rule)]);
  if (host !== undefined) facets.push([facetOf(HOST_FACET, host)]);
  const numbers = severities.map((severity) => SEVERITY_NUMBER[severity]);
  return {
    facets,
    severities: severities.length === SEVERITIES.length ? null : numbers,
    states: states ?? null,
    text: filter.text === undefined || filter.text === '' ? null : foldText(filter.text),
    from: filter.from ?? -NEVER,
    matchers,
    fits: (alert) =>
      (rule === undefined || alert.rule === rule) &&
      (host === undefined || alertHost(alert.labels) === host) &&
      matchesLabels(looked, alert.labels),
  };
}

/** The index entries to go along, in order, each with `active_at` and `id`. */
interface Entries {
  readonly bare: RawBuilder<unknown>;
  /** Those among them that fit as far as the index and the row of the alert say. */
  readonly along: RawBuilder<unknown>;
  /** The same with `labels`. */
  readonly labelled: RawBuilder<unknown>;
  readonly conditions: readonly RawBuilder<unknown>[];
}

async function chooseEntries(dialect: Dialect, query: Query, open: 0 | 1): Promise<Entries> {
  const half = sql.lit(open);
  // What stands in the row of the alert itself.
  const own: RawBuilder<unknown>[] = [];
  if (query.states !== null) own.push(sql`state in (${sql.join(query.states)})`);
  if (query.severities !== null) own.push(sql`severity in (${sql.join([-1, ...query.severities])})`);
  if (query.text !== null) own.push(dialect.contains(sql<string>`search`, query.text));

  const rarest = await chooseFacet(dialect, query, half);
  const others = query.facets.filter((facets) => facets.length > 1 || facets[0] !== rarest?.facet).map((facets) => hasFacet(half, facets));
  if (rarest === null || (own.length > 0 && rarest.count >= RARE)) {
    // State and severity stand in the index of the whole list, so there it costs little to pass by those that do not fit.
    const conditions = rarest === null ? others : [hasFacet(half, [rarest.facet]), ...others];
    const bare = sql`select active_at, id from alert where open = ${half}`;
    const fits = sql.join([sql`open = ${half}`, ...own], sql` and `);
    const labelled = sql`select active_at, id, labels from alert where ${fits}`;
    return { bare, along: sql`select active_at, id from alert where ${fits}`, labelled, conditions };
  }
  const alert = sql`select 1 from alert as a where a.id = entry.id and ${sql.join(own, sql` and `)}`;
  const bare = sql`select active_at, alert as id from alert_facet where open = ${half} and facet = ${rarest.facet}`;
  return {
    bare,
    along: bare,
    labelled: sql`select bare.active_at, bare.id, alert.labels from (${bare}) as bare join alert on alert.id = bare.id`,
    conditions: own.length === 0 ? others : [sql`exists (${alert})`, ...others],
  };
}

function hasFacet(half: RawBuilder<unknown>, facets: readonly number[]): RawBuilder<unknown> {
  const same = sql`f.active_at = entry.active_at and f.alert = entry.id`;
  return sql`exists (select 1 from alert_facet as f where f.open = ${half} and f.facet in (${sql.join(facets)}) and ${same})`;
}

/** The condition on a single facet that the fewest alerts meet. */
async function chooseFacet(
  dialect: Dialect,
  query: Query,
  half: RawBuilder<unknown>,
): Promise<{ readonly facet: number; readonly count: number } | null> {
  let rarest: { facet: number; count: number } | null = null;
  for (const [facet, alternative] of query.facets) {
    if (facet === undefined || alternative !== undefined) continue;
    const some = sql`select 1 from alert_facet where open = ${half} and facet = ${facet} limit ${sql.lit(RARE)}`;
    const [row] = await readRaw<{ count: number }>(dialect, sql`select count(*) as count from (${some}) as some`);
    const count = row?.count ?? 0;
    if (rarest === null || count < rarest.count) rarest = { facet, count };
  }
  return rarest;
}

/** Everything but the page itself is answered along the index. */
function indexScan(dialect: Dialect, query: Query, entries: Entries): Scan<Alert> {
  return async (after, limit) => {
    const until = await skip(dialect, query, entries, after);
    const page = sql`select active_at, id from (${entries.along}) as entry ${stretchOf(query, entries, { after, until, limit })}`;
    const rows = await readRaw<AlertTable>(
      dialect,
      sql`select alert.* from (${page}) as page join alert on alert.id = page.id order by page.active_at desc, page.id desc`,
    );
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      items: rows.map(decodeAlert).filter((alert) => query.fits(alert)),
      reached: last === undefined ? until : { at: last.active_at, id: last.id },
    };
  };
}

/** Some matchers need the labels: they are read without the rest, and the rest of those that match. */
function labelScan(
  dialect: Dialect,
  query: Query,
  entries: Entries,
  byIds: (ids: readonly string[]) => Promise<readonly AlertTable[]>,
): Scan<Alert> {
  return async (after, limit) => {
    const until = await skip(dialect, query, entries, after);
    const rows = await readRaw<Entry & { readonly labels: string }>(
      dialect,
      sql`select id, active_at, labels from (${entries.labelled}) as entry ${stretchOf(query, entries, { after, until, limit: STRETCH })}`,
    );
    // What is cut off is not lost: the page is full then, and the next one begins where it ends.
    const fitting = rows.filter((row) => matchesLabels(query.matchers, parseJson<Labels>(row.labels))).slice(0, limit);
    const items = (await byIds(fitting.map((row) => row.id))).map(decodeAlert).filter((alert) => query.fits(alert));
    return {
      items: items.sort((a, b) => comparePositions(positionOf(a), positionOf(b))),
      reached: until,
    };
  };
}

/** Where a stretch ends; null: with the list. */
async function skip(dialect: Dialect, query: Query, entries: Entries, after: Position): Promise<Position | null> {
  const [row] = await readRaw<Entry>(
    dialect,
    sql`select active_at, id from (${entries.bare}) as entry where active_at >= ${query.from} and (active_at, id) < (${after.at}, ${after.id}) order by active_at desc, id desc limit 1 offset ${STRETCH - 1}`,
  );
  return row === undefined ? null : { at: row.active_at, id: row.id };
}

function stretchOf(
  query: Query,
  entries: Entries,
  stretch: { readonly after: Position; readonly until: Position | null; readonly limit: number },
): RawBuilder<unknown> {
  const { after, until, limit } = stretch;
  const conditions = [sql`(active_at, id) < (${after.at}, ${after.id})`, sql`active_at >= ${query.from}`, ...entries.conditions];
  if (until !== null) conditions.push(sql`(active_at, id) >= (${until.at}, ${until.id})`);
  return sql`where ${sql.join(conditions, sql` and `)} order by active_at desc, id desc limit ${limit}`;
}

function readRaw<T extends object>(dialect: Dialect, statement: RawBuilder<unknown>): Promise<readonly T[]> {
  return dialect.rows<T>({ compile: () => statement.$castTo<T>().compile(dialect.build) });
}
