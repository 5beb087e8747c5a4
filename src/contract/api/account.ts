import { z } from 'zod';
import { MAIL_ADDRESS } from '../../core/access/mail-address.ts';
import { endpoint, Millis, Name } from '../endpoint.ts';

const PersonRole = z.enum(['viewer', 'operator', 'admin']);
const TokenRole = z.enum(['viewer', 'operator', 'admin', 'agent', 'ingest']);
const Email = z.string().regex(MAIL_ADDRESS, 'not a mail address');
const Password = z.string().min(10, 'at least 10 characters').max(200);

/** Who the caller is and what they may do; `csrf` goes into the header X-CSRF-Token of every change. */
const Me = z
  .object({
    name: z.string(),
    kind: z.enum(['user', 'token', 'anonymous']),
    role: TokenRole,
    teams: z.array(z.string()),
    csrf: z.string().nullable(),
    may: z.array(z.string()),
  })
  .meta({ id: 'Me' });

const UserView = z
  .object({
    name: z.string(),
    role: PersonRole,
    email: z.string().nullable(),
    teams: z.array(z.string()),
    state: z.enum(['invited', 'active', 'locked', 'disabled']),
    createdAt: Millis,
    lastLoginAt: Millis.nullable(),
    /** Defined by a file: shown with its place, changed only there. */
    file: z.string().nullable(),
    line: z.number().nullable(),
  })
  .meta({ id: 'User' });

const TokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    role: TokenRole,
    actions: z.array(z.string()).nullable(),
    createdBy: z.string(),
    createdAt: Millis,
    expiresAt: Millis.nullable(),
    lastUsedAt: Millis.nullable(),
  })
  .meta({ id: 'Token' });

export const session = {
  state: endpoint({
    method: 'GET',
    path: '/api/session',
    summary: 'Whether somebody is signed in, and whether the server still waits for its first administrator',
    tag: 'session',
    access: null,
    response: z.object({ me: Me.nullable(), needsSetup: z.boolean(), version: z.string() }),
  }),
  login: endpoint({
    method: 'POST',
    path: '/api/session/login',
    summary: 'Sign in with name and password',
    tag: 'session',
    access: null,
    body: z.object({ name: z.string().max(100), password: z.string().max(200) }),
    response: Me,
  }),
  logout: endpoint({
    method: 'POST',
    path: '/api/session/logout',
    summary: 'Sign out',
    tag: 'session',
    access: null,
    response: null,
    status: 204,
  }),
  /** What a set-up link is for; the secret comes in the body, never in a logged URL. */
  link: endpoint({
    method: 'POST',
    path: '/api/session/link',
    summary: 'What a one-time link is for',
    tag: 'session',
    access: null,
    body: z.object({ secret: z.string().max(200) }),
    response: z.object({ purpose: z.enum(['administrator', 'password']), user: z.string().nullable(), role: PersonRole }),
  }),
  setup: endpoint({
    method: 'POST',
    path: '/api/session/setup',
    summary: 'Use a one-time link: create the administrator, or set the password',
    tag: 'session',
    access: null,
    body: z.object({ secret: z.string().max(200), name: Name.optional(), password: Password }),
    response: Me,
  }),
  password: endpoint({
    method: 'POST',
    path: '/api/session/password',
    summary: 'Change the own password',
    tag: 'session',
    access: 'own account',
    body: z.object({ current: z.string().max(200), next: Password }),
    response: null,
    status: 204,
  }),
};

export const users = {
  list: endpoint({
    method: 'GET',
    path: '/api/users',
    summary: 'People',
    tag: 'users',
    access: 'administer',
    response: z.object({ items: z.array(UserView) }),
  }),
  add: endpoint({
    method: 'POST',
    path: '/api/users',
    summary: 'Invite a person; gives a one-time link, shown once',
    tag: 'users',
    access: 'administer',
    body: z.object({ name: Name, role: PersonRole, email: Email.nullable().default(null) }),
    response: z.object({ user: UserView, link: z.string() }),
    status: 201,
  }),
  change: endpoint({
    method: 'PUT',
    path: '/api/users/{name}',
    summary: 'Change role or mail address, or disable and enable',
    tag: 'users',
    access: 'administer',
    body: z.object({ role: PersonRole.optional(), disabled: z.boolean().optional(), email: Email.nullable().optional() }),
    response: UserView,
  }),
  link: endpoint({
    method: 'POST',
    path: '/api/users/{name}/link',
    summary: 'A new one-time link to set the password',
    tag: 'users',
    access: 'administer',
    response: z.object({ link: z.string() }),
  }),
};

export const tokens = {
  list: endpoint({
    method: 'GET',
    path: '/api/tokens',
    summary: 'Tokens, without their secrets',
    tag: 'tokens',
    access: 'administer',
    response: z.object({ items: z.array(TokenView) }),
  }),
  create: endpoint({
    method: 'POST',
    path: '/api/tokens',
    summary: 'Create a token; its secret is shown this once',
    tag: 'tokens',
    access: 'administer',
    body: z.object({
      name: Name,
      role: TokenRole,
      actions: z.array(z.string().max(100)).max(200).nullable().default(null),
      expiresInMs: z.number().int().positive().nullable().default(null),
    }),
    response: z.object({ token: TokenView, secret: z.string() }),
    status: 201,
  }),
  revoke: endpoint({
    method: 'DELETE',
    path: '/api/tokens/{id}',
    summary: 'Revoke a token',
    tag: 'tokens',
    access: 'administer',
    response: null,
    status: 204,
  }),
};
