import type { Host } from '../../core/hosts/host.ts';
import type { Found } from '../../core/change/change.ts';
import { millisColumn, parseJson } from './column.ts';
import type { Dialect } from './dialect.ts';
import { type Columns, keep, type Keeper } from './noun.ts';
import type { HostTable } from './schema.ts';

export interface HostReads {
  hosts(): Promise<readonly Found<'host'>[]>;
}

export function hostReads(dialect: Dialect, hosts: Keeper<'host'>): HostReads {
  const all = dialect.build.selectFrom('host').selectAll().orderBy('id').compile();
  return { hosts: async () => hosts.found(await dialect.rows(all)) };
}

export function keepHosts(dialect: Dialect): Keeper<'host'> {
  return keep(dialect, { table: 'host', encode: encodeHost, decodeAll: async (rows) => rows.map(decodeHost) });
}

function encodeHost(host: Host): Columns<'host'> {
  return {
    id: host.name,
    os: host.os,
    agent_version: host.agentVersion,
    labels: JSON.stringify(host.labels),
    first_seen_at: millisColumn(host.firstSeenAt),
    last_seen_at: millisColumn(host.lastSeenAt),
    allowed_actions: host.allowedActions === null ? null : JSON.stringify(host.allowedActions),
    local: host.local ? 1 : 0,
  };
}

function decodeHost(row: HostTable): Host {
  return {
    name: row.id,
    os: row.os,
    agentVersion: row.agent_version,
    labels: parseJson(row.labels),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    allowedActions: row.allowed_actions === null ? null : parseJson(row.allowed_actions),
    local: row.local === 1,
  };
}
