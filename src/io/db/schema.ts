import type { Generated } from 'kysely';
import type { SetupLink } from '../../core/access/account.ts';
import type { Actor, Role } from '../../core/access/actor.ts';
import type { RunState, Verification } from '../../core/actions/run.ts';
import type { AlertState } from '../../core/alerts/alert.ts';
import type { Member, Message } from '../../core/notify/group.ts';
import type { Advice } from '../../core/recommendations/recommendation.ts';
import type { DueKind } from '../../core/change/change.ts';

/**
 * The tables as statements see them. Instants and lengths are milliseconds, truth is 0 or 1, `json` columns hold JSON text. Types are
 * aliases, not interfaces, so that a row read from a driver can be one.
 */
type Json = string;

export type AlertTable = {
  id: string;
  version: number;
  fingerprint: string;
  rule: string | null;
  labels: Json;
  annotations: Json;
  /** Everything that `text` of a filter looks at, in lower case. */
  search: string;
  /** 1 unless resolved. */
  open: number;
  state: AlertState;
  /** SEVERITY_NUMBER. */
  severity: number;
  /** As text, because neither NaN nor -0 survives a number column of SQLite. */
  value: string | null;
  active_at: number;
  fired_at: number | null;
  resolved_at: number | null;
  levels: Json;
  recovering_since: number | null;
  silent_since: number | null;
  ends_at: number | null;
  generator_url: string;
  ack_by: string | null;
  ack_at: number | null;
  ack_comment: string | null;
  updated_at: number;
};

/** One row for each label of an alert, its host and its rule: `facet` is a number made from name and value. */
export type AlertFacetTable = { open: number; facet: number; active_at: number; alert: string };

export type GroupTable = {
  id: string;
  version: number;
  route: string;
  channel: string;
  labels: Json;
  opened_at: number;
  told_at: number | null;
};
export type GroupMemberTable = { group_id: string; alert: string; position: number; told: Member['told']; severity: number | null };

export type MessageTable = {
  id: string;
  version: number;
  channel: string;
  group_id: string | null;
  reason: Message['reason'];
  status: Message['status'];
  alerts: Json;
  body: Json;
  state: Message['state'];
  attempts: number;
  created_at: number;
  sent_at: number | null;
  lease_until: number | null;
  error: string | null;
};
export type MessageAlertTable = { alert: string; created_at: number; message: string };

export type RunTable = {
  id: string;
  version: number;
  action: string;
  action_version: string;
  /** 1 until the state is final. */
  open: number;
  state: RunState;
  reason: string;
  parameters: Json;
  argv: Json;
  host: string;
  run_as: string | null;
  requested_kind: Actor['kind'];
  requested_name: string;
  comment: string;
  trigger: string | null;
  alert: string | null;
  approvals: Json;
  approvals_needed: number;
  approvers: Json;
  triggered_at: number;
  deadline: number;
  fence: number;
  started_at: number | null;
  finished_at: number | null;
  exit_code: number | null;
  signal: string | null;
  spawn_error: string | null;
  output_bytes: number;
  output_truncated: number;
  timeout: number;
  output_limit_bytes: number;
  verification: Verification | null;
  verify_within: number | null;
  idempotency_key: string | null;
  request_hash: string;
  /** Everything that `text` of a filter looks at, in lower case. */
  search: string;
};

export type AdviceTable = {
  id: string;
  version: number;
  recommendation: string;
  trigger: string;
  alert: string;
  /** 1 while active or acknowledged. */
  open: number;
  state: Advice['state'];
  by: string | null;
  comment: string;
  opened_at: number;
  closed_at: number | null;
};

export type HostTable = {
  id: string;
  version: number;
  os: string;
  agent_version: string;
  labels: Json;
  first_seen_at: number;
  last_seen_at: number;
  allowed_actions: Json | null;
  local: number;
};

export type UserTable = {
  id: string;
  version: number;
  role: Role;
  email: string | null;
  password_hash: string | null;
  created_at: number;
  last_login_at: number | null;
  failures: number;
  locked_until: number | null;
  disabled: number;
};

export type SessionTable = {
  id: string;
  version: number;
  user: string;
  csrf: string;
  created_at: number;
  expires_at: number;
  last_used_at: number;
};

export type TokenTable = {
  id: string;
  version: number;
  name: string;
  role: Role;
  actions: Json | null;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
};

export type SetupTable = {
  id: string;
  version: number;
  purpose: SetupLink['purpose'];
  user: string | null;
  role: Role;
  created_at: number;
  expires_at: number;
  used_at: number | null;
};

export type CooldownTable = { id: string; version: number; at: number };

export type DueTable = { kind: DueKind; id: string; at: number; failures: number };

export type AuditTable = { id: Generated<number>; at: number; who_kind: Actor['kind']; who_name: string; why: string; about: Json };
export type AuditAboutTable = { about: string; audit: number };

export type SecretTable = { name: string; box: string; created_at: number; updated_at: number };

/** One row: the highest version that any dropped row ever had, so that a row made again never repeats a version. */
export type DroppedTable = { version: number };

export type MigrationTable = { id: number; name: string };

export interface Schema {
  alert: AlertTable;
  alert_facet: AlertFacetTable;
  group: GroupTable;
  group_member: GroupMemberTable;
  message: MessageTable;
  message_alert: MessageAlertTable;
  run: RunTable;
  advice: AdviceTable;
  host: HostTable;
  user: UserTable;
  session: SessionTable;
  token: TokenTable;
  setup: SetupTable;
  cooldown: CooldownTable;
  due: DueTable;
  audit: AuditTable;
  audit_about: AuditAboutTable;
  secret: SecretTable;
  dropped: DroppedTable;
  migration: MigrationTable;
}
