import type { SetupLink, Session, Token, User } from '../../core/access/account.ts';
import type { Found } from '../../core/change/change.ts';
import { millisColumn, optionalMillisColumn, parseJson } from './column.ts';
import type { Dialect } from './dialect.ts';
import { type Columns, keep, type Keeper } from './noun.ts';
import type { SessionTable, SetupTable, TokenTable, UserTable } from './schema.ts';

export interface AccountReads {
  users(): Promise<readonly Found<'user'>[]>;
  tokens(): Promise<readonly Found<'token'>[]>;
  sessions(user: string): Promise<readonly Found<'session'>[]>;
  setupLinks(): Promise<readonly Found<'setup'>[]>;
}

interface AccountKeepers {
  readonly user: Keeper<'user'>;
  readonly token: Keeper<'token'>;
  readonly session: Keeper<'session'>;
  readonly setup: Keeper<'setup'>;
}

export function accountReads(dialect: Dialect, { user, token, session, setup }: AccountKeepers): AccountReads {
  const allUsers = dialect.build.selectFrom('user').selectAll().orderBy('id').compile();
  const allTokens = dialect.build.selectFrom('token').selectAll().orderBy('name').orderBy('id').compile();
  const sessions = dialect.build.selectFrom('session').selectAll().where('user', '=', '').orderBy('created_at').orderBy('id').compile();
  const allSetups = dialect.build.selectFrom('setup').selectAll().orderBy('created_at').orderBy('id').compile();
  return {
    users: async () => user.found(await dialect.rows(allUsers)),
    tokens: async () => token.found(await dialect.rows(allTokens)),
    sessions: async (name) => session.found(await dialect.rows(sessions, [name])),
    setupLinks: async () => setup.found(await dialect.rows(allSetups)),
  };
}

export function keepUsers(dialect: Dialect): Keeper<'user'> {
  return keep(dialect, { table: 'user', encode: encodeUser, decodeAll: async (rows) => rows.map(decodeUser) });
}

export function keepSessions(dialect: Dialect): Keeper<'session'> {
  return keep(dialect, { table: 'session', encode: encodeSession, decodeAll: async (rows) => rows.map(decodeSession) });
}

export function keepTokens(dialect: Dialect): Keeper<'token'> {
  return keep(dialect, { table: 'token', encode: encodeToken, decodeAll: async (rows) => rows.map(decodeToken) });
}

export function keepSetups(dialect: Dialect): Keeper<'setup'> {
  return keep(dialect, { table: 'setup', encode: encodeSetup, decodeAll: async (rows) => rows.map(decodeSetup) });
}

function encodeUser(user: User): Columns<'user'> {
  return {
    id: user.name,
    role: user.role,
    email: user.email,
    password_hash: user.passwordHash,
    created_at: millisColumn(user.createdAt),
    last_login_at: optionalMillisColumn(user.lastLoginAt),
    failures: user.failures,
    locked_until: optionalMillisColumn(user.lockedUntil),
    disabled: user.disabled ? 1 : 0,
  };
}

function decodeUser(row: UserTable): User {
  return {
    name: row.id,
    role: row.role,
    email: row.email,
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    failures: row.failures,
    lockedUntil: row.locked_until,
    disabled: row.disabled === 1,
  };
}

function encodeSession(session: Session): Columns<'session'> {
  return {
    id: session.id,
    user: session.user,
    csrf: session.csrf,
    created_at: millisColumn(session.createdAt),
    expires_at: millisColumn(session.expiresAt),
    last_used_at: millisColumn(session.lastUsedAt),
  };
}

function decodeSession(row: SessionTable): Session {
  return {
    id: row.id,
    user: row.user,
    csrf: row.csrf,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

function encodeToken(token: Token): Columns<'token'> {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    actions: token.actions === null ? null : JSON.stringify(token.actions),
    created_by: token.createdBy,
    created_at: millisColumn(token.createdAt),
    expires_at: optionalMillisColumn(token.expiresAt),
    last_used_at: optionalMillisColumn(token.lastUsedAt),
    revoked_at: optionalMillisColumn(token.revokedAt),
  };
}

function decodeToken(row: TokenTable): Token {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    actions: row.actions === null ? null : parseJson(row.actions),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

function encodeSetup(setup: SetupLink): Columns<'setup'> {
  return {
    id: setup.id,
    purpose: setup.purpose,
    user: setup.user,
    role: setup.role,
    created_at: millisColumn(setup.createdAt),
    expires_at: millisColumn(setup.expiresAt),
    used_at: optionalMillisColumn(setup.usedAt),
  };
}

function decodeSetup(row: SetupTable): SetupLink {
  return {
    id: row.id,
    purpose: row.purpose,
    user: row.user,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
