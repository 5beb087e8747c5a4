import { sql } from 'kysely';
import { type Alert, alertHost } from '../../core/alerts/alert.ts';
import { SEVERITY_NUMBER, severityOf } from '../../core/alerts/severity.ts';
import type { Found } from '../../core/change/change.ts';
import { gather } from '../gather.ts';
import { millisColumn, numberColumn, optionalMillisColumn, parseJson, parseNumberColumn, searchColumn } from './column.ts';
import { type Dialect, readByKeys, step, type Step } from './dialect.ts';
import { facetOf, HOST_FACET, RULE_FACET } from './facet.ts';
import { type Columns, keep, type Keeper, type Noun } from './noun.ts';
import type { AlertTable } from './schema.ts';

const RULES_AT_ONCE = 256;
/** To look up so many rules costs about as much as to read one open alert's. */
const OPEN_SHARE = 4;
/** Fewer are looked up as they are. */
const FEWEST = 8;

function alertNoun({ build }: Dialect): Noun<'alert'> {
  const example = { open: 0, facet: 0, active_at: 0, alert: '' };
  const inserts = new Map<number, string>();
  /** One statement for all of them: most of what one costs is its start. */
  const insertFacets = (alert: Alert): Step[] => {
    const facets = facetsOf(alert);
    if (facets.length === 0) return [];
    const text = inserts.get(facets.length) ?? step(build.insertInto('alert_facet').values(facets.map(() => example))).sql;
    inserts.set(facets.length, text);
    return [{ sql: text, parameters: facets.flatMap((facet) => [openColumn(alert), facet, alert.activeAt, alert.id]) }];
  };
  const deleteFacet = step(
    build.deleteFrom('alert_facet').where('open', '=', 0).where('facet', '=', 0).where('active_at', '=', 0).where('alert', '=', ''),
  );
  const deleteFacets = (alert: Alert): Step[] =>
    facetsOf(alert).map((facet) => ({ sql: deleteFacet.sql, parameters: [openColumn(alert), facet, alert.activeAt, alert.id] }));
  return {
    table: 'alert',
    encode: encodeAlert,
    decodeAll: async (found) => found.map(decodeAlert),
    links: (before, after) => {
      if (before !== null && after !== null && sameFacets(before, after)) return [];
      return [...(before === null ? [] : deleteFacets(before)), ...(after === null ? [] : insertFacets(after))];
    },
  };
}

export interface AlertReads {
  openAlerts(rule: string | null): Promise<readonly Found<'alert'>[]>;
  openAlertsOfRules(rules: readonly string[]): Promise<readonly Found<'alert'>[]>;
  openAlertsByFingerprint(fingerprints: readonly string[]): Promise<readonly Found<'alert'>[]>;
  ungroupedAlerts(limit: number): Promise<readonly Found<'alert'>[]>;
  countAlerts(): Promise<Readonly<Record<string, number>>>;
}

export function alertReads(dialect: Dialect, alerts: Keeper<'alert'>): AlertReads {
  const open = dialect.build.selectFrom('alert').selectAll().where('open', '=', sql.lit(1));
  const byRules = readByKeys(dialect, (keys) => open.where('rule', 'in', keys));
  const judged = dialect.build.selectFrom('alert').select('rule').where('open', '=', sql.lit(1)).where('rule', 'is not', null);
  const someOpen = judged.limit(0).compile();
  /** Of many rules most have no open alert: where few are open at all, it is seen at once whose they are. */
  const withOpen = async (rules: readonly string[]): Promise<readonly string[]> => {
    const limit = Math.ceil(rules.length / OPEN_SHARE);
    const some = limit < FEWEST ? null : await dialect.rows(someOpen, [limit]);
    if (some === null || some.length === limit) return rules;
    const open = new Set(some.map(({ rule }) => rule));
    return rules.filter((rule) => open.has(rule));
  };
  // Hundreds of rules are judged at one moment, most of them without an open alert.
  const ofRule = gather<string, readonly Found<'alert'>[]>(RULES_AT_ONCE, async (rules) => {
    const found = new Map<string | null, Found<'alert'>[]>();
    for (const alert of await alerts.found(await byRules(rules))) {
      const others = found.get(alert.value.rule);
      if (others === undefined) found.set(alert.value.rule, [alert]);
      else others.push(alert);
    }
    return rules.map((rule) => found.get(rule) ?? []);
  });
  const foreign = open.where('rule', 'is', null).compile();
  const byFingerprint = readByKeys(dialect, (keys) => open.where('fingerprint', 'in', keys));
  const ungrouped = open
    .where('state', '=', sql.lit('firing'))
    .where((e) => e.not(e.exists(e.selectFrom('group_member').select('alert').whereRef('group_member.alert', '=', 'alert.id'))))
    .limit(0)
    .compile();
  const count = dialect.build
    .selectFrom('alert')
    .select(['state', 'severity', (e) => e.fn.countAll<number>().as('count')])
    .where('open', '=', sql.lit(1))
    .groupBy(['state', 'severity'])
    .compile();
  return {
    openAlerts: async (rule) => (rule === null ? alerts.found(await dialect.rows(foreign)) : ofRule(rule)),
    openAlertsOfRules: async (rules) => alerts.found(await byRules(await withOpen(rules))),
    openAlertsByFingerprint: async (fingerprints) => alerts.found(await byFingerprint(fingerprints)),
    ungroupedAlerts: async (limit) => alerts.found(await dialect.rows(ungrouped, [limit])),
    countAlerts: async () => {
      const counts: Record<string, number> = { pending: 0, firing: 0, critical: 0, error: 0, warning: 0, notice: 0, none: 0, unknown: 0 };
      for (const row of await dialect.rows(count)) {
        counts[row.state] = (counts[row.state] ?? 0) + row.count;
        const severity = severityOf(row.severity);
        if (row.state === 'firing') counts[severity] = (counts[severity] ?? 0) + row.count;
      }
      return counts;
    },
  };
}

export function keepAlerts(dialect: Dialect): Keeper<'alert'> {
  return keep(dialect, alertNoun(dialect));
}

function openColumn(alert: Alert): number {
  return alert.state === 'resolved' ? 0 : 1;
}

/** The numbers by which a list finds the alert. */
function facetsOf(alert: Alert): readonly number[] {
  const facets = Object.entries(alert.labels).map(([name, value]) => facetOf(name, value));
  if (alert.rule !== null) facets.push(facetOf(RULE_FACET, alert.rule));
  const host = alertHost(alert.labels);
  if (host !== null) facets.push(facetOf(HOST_FACET, host));
  return [...new Set(facets)];
}

function sameFacets(a: Alert, b: Alert): boolean {
  if (openColumn(a) !== openColumn(b) || a.activeAt !== b.activeAt || a.rule !== b.rule) return false;
  return a.labels === b.labels || JSON.stringify(a.labels) === JSON.stringify(b.labels);
}

function encodeAlert(alert: Alert): Columns<'alert'> {
  return {
    id: alert.id,
    fingerprint: alert.fingerprint,
    rule: alert.rule,
    labels: JSON.stringify(alert.labels),
    annotations: JSON.stringify(alert.annotations),
    search: searchColumn([...Object.values(alert.labels), ...Object.values(alert.annotations)]),
    open: openColumn(alert),
    state: alert.state,
    severity: SEVERITY_NUMBER[alert.severity],
    value: numberColumn(alert.value),
    active_at: millisColumn(alert.activeAt),
    fired_at: optionalMillisColumn(alert.firedAt),
    resolved_at: optionalMillisColumn(alert.resolvedAt),
    levels: JSON.stringify(alert.levels),
    recovering_since: optionalMillisColumn(alert.recoveringSince),
    silent_since: optionalMillisColumn(alert.silentSince),
    ends_at: optionalMillisColumn(alert.endsAt),
    generator_url: alert.generatorUrl,
    ack_by: alert.acknowledged?.by ?? null,
    ack_at: optionalMillisColumn(alert.acknowledged?.at ?? null),
    ack_comment: alert.acknowledged?.comment ?? null,
    updated_at: millisColumn(alert.updatedAt),
  };
}

export function decodeAlert(row: AlertTable): Alert {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    rule: row.rule,
    labels: parseJson(row.labels),
    annotations: parseJson(row.annotations),
    state: row.state,
    severity: severityOf(row.severity),
    value: parseNumberColumn(row.value),
    activeAt: row.active_at,
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
    levels: parseJson(row.levels),
    recoveringSince: row.recovering_since,
    silentSince: row.silent_since,
    endsAt: row.ends_at,
    generatorUrl: row.generator_url,
    acknowledged: row.ack_by === null ? null : { by: row.ack_by, at: row.ack_at ?? 0, comment: row.ack_comment ?? '' },
    updatedAt: row.updated_at,
  };
}
