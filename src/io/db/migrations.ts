import { type Dialect, step, type Step } from './dialect.ts';

interface Migration {
  readonly id: number;
  readonly name: string;
  /** In SQL that every dialect reads; what differs is a parameter. */
  readonly statements: (dialect: Pick<Dialect, 'autoId' | 'keyedTable'>) => readonly string[];
}

/** What was ever done to the tables, in order. A migration that was published is never changed; a further one mends it. */
const MIGRATIONS: readonly Migration[] = [
  {
    id: 1,
    name: 'alerts, telling, acting, access, due moments and the audit log',
    statements: ({ autoId, keyedTable }) => [
      ...alertTables(keyedTable),
      ...tellingTables(keyedTable),
      ...actingTables(),
      ...accessTables(),
      `create table due (kind text not null, id text not null, at bigint not null, failures integer not null, primary key (kind, id)) ${keyedTable}`,
      'create index due_at on due (at, kind, id, failures)',
      `create table audit (id ${autoId} primary key, at bigint not null, who_kind text not null, who_name text not null, why text not null, about text not null)`,
      `create table audit_about (about text not null, audit bigint not null, primary key (about, audit)) ${keyedTable}`,
      'create table secret (name text primary key, box text not null, created_at bigint not null, updated_at bigint not null)',
      'create table dropped (version bigint not null)',
      'insert into dropped (version) values (0)',
    ],
  },
  {
    id: 2,
    name: 'the user that a run runs as',
    statements: () => ['alter table run add column run_as text'],
  },
  {
    id: 3,
    name: 'the mail address of a person',
    statements: () => ['alter table "user" add column email text'],
  },
];

/** Brings the tables to what this program knows. Two servers may do it at once. Throws when a newer program wrote them. */
export async function migrate(dialect: Dialect, place: string): Promise<void> {
  await dialect.apply([raw('create table if not exists migration (id integer primary key, name text not null)')]);
  const done = new Set((await dialect.rows(dialect.build.selectFrom('migration').select('id'))).map((row) => row.id));
  const known = MIGRATIONS.at(-1)?.id ?? 0;
  const newest = Math.max(0, ...done);
  if (newest > known) {
    throw new Error(
      `${place} was written by a newer version of Tocsin (its schema is ${newest}, this program knows ${known}): start that version, or restore a backup made before the upgrade`,
    );
  }
  for (const { id, name, statements } of MIGRATIONS) {
    if (done.has(id)) continue;
    const record = step(dialect.build.insertInto('migration').values({ id, name }), 1);
    // 'stale': another server was faster, with the same migration.
    await dialect.apply([record, ...statements(dialect).map(raw)]);
  }
}

function raw(sql: string): Step {
  return { sql, parameters: [] };
}

function alertTables(keyedTable: string): readonly string[] {
  return [
    `create table alert (
      id text primary key, version bigint not null, fingerprint text not null, rule text, labels text not null, annotations text not null,
      search text not null, open integer not null, state text not null, severity integer not null, value text, active_at bigint not null,
      fired_at bigint, resolved_at bigint, levels text not null, recovering_since bigint, silent_since bigint, ends_at bigint,
      generator_url text not null, ack_by text, ack_at bigint, ack_comment text, updated_at bigint not null)`,
    'create unique index alert_open_fingerprint on alert (fingerprint) where open = 1',
    'create index alert_open_rule on alert (rule) where open = 1',
    // Two, so that no plan ever takes `open` for a column that tells many rows apart.
    'create index alert_list_open on alert (active_at, id, state, severity) where open = 1',
    'create index alert_list_over on alert (active_at, id, state, severity) where open = 0',
    'create index alert_resolved on alert (resolved_at) where open = 0',
    `create table alert_facet (open integer not null, facet bigint not null, active_at bigint not null, alert text not null,
      primary key (open, facet, active_at, alert)) ${keyedTable}`,
  ];
}

function tellingTables(keyedTable: string): readonly string[] {
  return [
    `create table "group" (id text primary key, version bigint not null, route text not null, channel text not null, labels text not null,
      opened_at bigint not null, told_at bigint)`,
    `create table group_member (group_id text not null references "group" (id) on delete cascade, alert text not null,
      position integer not null, told text, severity integer, primary key (group_id, alert)) ${keyedTable}`,
    'create index group_member_alert on group_member (alert)',
    `create table message (id text primary key, version bigint not null, channel text not null, group_id text, reason text not null,
      status text not null, alerts text not null, body text not null, state text not null, attempts integer not null,
      created_at bigint not null, sent_at bigint, lease_until bigint, error text)`,
    'create index message_list on message (created_at, id)',
    "create index message_over on message (created_at) where state in ('sent', 'given up')",
    `create table message_alert (alert text not null, created_at bigint not null, message text not null,
      primary key (alert, created_at, message)) ${keyedTable}`,
  ];
}

function actingTables(): readonly string[] {
  return [
    `create table run (
      id text primary key, version bigint not null, action text not null, action_version text not null, open integer not null,
      state text not null, reason text not null, parameters text not null, argv text not null, host text not null,
      requested_kind text not null, requested_name text not null, comment text not null, "trigger" text, alert text, approvals text not null,
      approvals_needed integer not null, approvers text not null, triggered_at bigint not null, deadline bigint not null, fence bigint not null,
      started_at bigint, finished_at bigint, exit_code bigint, signal text, spawn_error text, output_bytes bigint not null,
      output_truncated integer not null, timeout bigint not null, output_limit_bytes bigint not null, verification text, verify_within bigint,
      idempotency_key text, request_hash text not null, search text not null)`,
    'create index run_open_action on run (action) where open = 1',
    'create index run_open_host on run (host) where open = 1',
    'create index run_open_alert on run (alert) where open = 1',
    "create index run_verify on run (alert) where verification = 'waiting'",
    'create unique index run_idempotency_key on run (idempotency_key) where idempotency_key is not null',
    'create index run_list on run (triggered_at, id, state, verification)',
    'create index run_action on run (action, triggered_at, id, state, verification)',
    'create index run_host on run (host, triggered_at, id, state, verification)',
    'create index run_alert on run (alert, triggered_at, id) where alert is not null',
    'create index run_requested on run (requested_name, triggered_at, id)',
    `create table advice (id text primary key, version bigint not null, recommendation text not null, "trigger" text not null,
      alert text not null, open integer not null, state text not null, "by" text, comment text not null, opened_at bigint not null,
      closed_at bigint)`,
    'create index advice_list on advice (open, opened_at, id)',
    'create index advice_alert on advice (alert, opened_at, id)',
  ];
}

function accessTables(): readonly string[] {
  return [
    `create table host (id text primary key, version bigint not null, os text not null, agent_version text not null, labels text not null,
      first_seen_at bigint not null, last_seen_at bigint not null, allowed_actions text, local integer not null)`,
    `create table "user" (id text primary key, version bigint not null, role text not null, password_hash text, created_at bigint not null,
      last_login_at bigint, failures integer not null, locked_until bigint, disabled integer not null)`,
    `create table session (id text primary key, version bigint not null, "user" text not null, csrf text not null, created_at bigint not null,
      expires_at bigint not null, last_used_at bigint not null)`,
    'create index session_user on session ("user")',
    `create table token (id text primary key, version bigint not null, name text not null, role text not null, actions text,
      created_by text not null, created_at bigint not null, expires_at bigint, last_used_at bigint, revoked_at bigint)`,
    `create table setup (id text primary key, version bigint not null, purpose text not null, "user" text, role text not null,
      created_at bigint not null, expires_at bigint not null, used_at bigint)`,
    'create table cooldown (id text primary key, version bigint not null, at bigint not null)',
  ];
}
