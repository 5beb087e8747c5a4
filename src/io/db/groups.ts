import { sql } from 'kysely';
import type { Group, Member } from '../../core/notify/group.ts';
import { SEVERITY_NUMBER, severityOf } from '../../core/alerts/severity.ts';
import type { Found } from '../../core/change/change.ts';
import { millisColumn, optionalMillisColumn, parseJson } from './column.ts';
import { type Dialect, rawStep, readByKeys, step, type Step } from './dialect.ts';
import { type Columns, keep, type Keeper, type Noun } from './noun.ts';
import type { GroupMemberTable, Schema } from './schema.ts';

export interface GroupReads {
  groupsWithAlert(alert: string): Promise<readonly Found<'group'>[]>;
  groupTimes(alert: string): Promise<readonly Omit<Group, 'members'>[]>;
}

export function groupReads(dialect: Dialect, groups: Keeper<'group'>): GroupReads {
  const ids = dialect.build.selectFrom('group_member').select('group_id').where('alert', '=', '').compile();
  const heads = dialect.build
    .selectFrom('group')
    .innerJoin('group_member', 'group_member.group_id', 'group.id')
    .selectAll('group')
    .where('group_member.alert', '=', '')
    .compile();
  return {
    groupTimes: async (alert) => (await dialect.rows(heads, [alert])).map(decodeHead),
    groupsWithAlert: async (alert) => groups.loadAll((await dialect.rows(ids, [alert])).map((row) => row.group_id)),
  };
}

export function keepGroups(dialect: Dialect): Keeper<'group'> {
  return keep(dialect, groupNoun(dialect));
}

function groupNoun(dialect: Dialect): Noun<'group'> {
  const members = readByKeys(dialect, (keys) => dialect.build.selectFrom('group_member').selectAll().where('group_id', 'in', keys));
  const write = memberWriter(dialect);
  return {
    table: 'group',
    encode: encodeGroup,
    decodeAll: async (rows) => {
      const byGroup = new Map<string, GroupMemberTable[]>(rows.map((row) => [row.id, []]));
      for (const member of await members([...byGroup.keys()])) byGroup.get(member.group_id)?.push(member);
      return rows.map((row) => ({
        ...decodeHead(row),
        members: (byGroup.get(row.id) ?? []).sort((a, b) => a.position - b.position).map(decodeMember),
      }));
    },
    links: (before, after, id) => write(id, before?.members ?? [], after?.members ?? []),
  };
}

function decodeHead(row: Schema['group']): Omit<Group, 'members'> {
  const { id, route, channel } = row;
  return { id, route, channel, labels: parseJson(row.labels), openedAt: row.opened_at, toldAt: row.told_at };
}

function encodeGroup(group: Group): Columns<'group'> {
  return {
    id: group.id,
    route: group.route,
    channel: group.channel,
    labels: JSON.stringify(group.labels),
    opened_at: millisColumn(group.openedAt),
    told_at: optionalMillisColumn(group.toldAt),
  };
}

function decodeMember(row: GroupMemberTable): Member {
  return { alert: row.alert, told: row.told, severity: row.severity === null ? null : severityOf(row.severity) };
}

/** Writes only the members that changed: a group can have thousands. */
function memberWriter(dialect: Dialect): (group: string, before: readonly Member[], after: readonly Member[]) => readonly Step[] {
  const { build } = dialect;
  const remove = step(build.deleteFrom('group_member').where('group_id', '=', '').where('alert', '=', '')).sql;
  const removeAll = step(build.deleteFrom('group_member').where('group_id', '=', '')).sql;
  const place = sql`(select coalesce(max(position), 0) + 1 from group_member where group_id = ${''})`;
  const append = rawStep(
    dialect,
    sql`insert into group_member (group_id, alert, told, severity, position) values (${''}, ${''}, ${''}, ${0}, ${place})`,
  ).sql;
  const change = step(
    build.updateTable('group_member').set({ told: null, severity: null }).where('group_id', '=', '').where('alert', '=', ''),
  ).sql;
  const columns = (member: Member) => [member.told, member.severity === null ? null : SEVERITY_NUMBER[member.severity]] as const;

  return (group, before, after) => {
    const appended = (member: Member): Step => ({ sql: append, parameters: [group, member.alert, ...columns(member), group] });
    const old = new Map(before.map((member, index) => [member.alert, { member, index }]));
    if (!isContinued(old, after)) return [{ sql: removeAll, parameters: [group] }, ...after.map(appended)];
    const staying = new Set(after.map((member) => member.alert));
    const steps: Step[] = [];
    for (const member of before) if (!staying.has(member.alert)) steps.push({ sql: remove, parameters: [group, member.alert] });
    for (const member of after) {
      const known = old.get(member.alert)?.member;
      if (known === undefined) steps.push(appended(member));
      else if (known.told !== member.told || known.severity !== member.severity) {
        steps.push({ sql: change, parameters: [...columns(member), group, member.alert] });
      }
    }
    return steps;
  };
}

/** Whether those who stay keep their order and the new ones come last, so that the places in the table still hold. */
function isContinued(old: ReadonlyMap<string, { readonly index: number }>, after: readonly Member[]): boolean {
  let last = -1;
  for (const member of after) {
    const index = old.get(member.alert)?.index ?? Number.MAX_SAFE_INTEGER;
    if (index < last) return false;
    last = index;
  }
  return true;
}
