import type { Principal, Role } from './actor.ts';

/** Everything that can be asked of the server. A route, stream or file names one of these; there is no other way in. */
export type Verb =
  | 'read' // alerts, runs, outputs, hosts, series, recommendations, live changes, status
  | 'run' // start an action
  | 'decide' // approve or reject a waiting run
  | 'cancel'
  | 'acknowledge' // alerts and recommendations
  | 'resolve'
  | 'try demo'
  | 'administer' // users, tokens, secrets, reload
  | 'ingest samples'
  | 'ingest alerts'
  | 'act as agent'
  | 'own account';

/** What a verb is about, where the answer depends on it. */
export interface Subject {
  readonly action?: string;
  /** Who may decide: `user:`, `team:`, `role:`; empty: anybody whose role allows it. */
  readonly approvers?: readonly string[];
}

const GRANTS: Readonly<Record<Role, ReadonlySet<Verb>>> = {
  viewer: new Set<Verb>(['read', 'own account']),
  operator: new Set<Verb>(['read', 'run', 'decide', 'cancel', 'acknowledge', 'resolve', 'try demo', 'ingest alerts', 'own account']),
  admin: new Set<Verb>([
    'read',
    'run',
    'decide',
    'cancel',
    'acknowledge',
    'resolve',
    'try demo',
    'administer',
    'ingest samples',
    'ingest alerts',
    'own account',
  ]),
  agent: new Set<Verb>(['ingest samples', 'act as agent']),
  ingest: new Set<Verb>(['ingest samples', 'ingest alerts']),
};

/** What a token bound to certain actions may do at all: run them, and nothing that reads, decides or configures. */
const BOUND: ReadonlySet<Verb> = new Set<Verb>(['run']);

/**
 * The one authorization function: null when the principal may, else the reason why not, fit to be shown. Everything is denied that is
 * not granted here.
 */
export function whyDenied(principal: Principal | null, verb: Verb, subject: Subject = {}): string | null {
  if (principal === null) return 'Sign in, or send a token.';
  if (principal.actions !== null) {
    if (!BOUND.has(verb)) return `This token may only run ${principal.actions.join(', ') || 'nothing'}.`;
    if (subject.action !== undefined && !principal.actions.includes(subject.action)) return `This token may not run ${subject.action}.`;
  }
  if (!GRANTS[principal.role].has(verb)) return `The role ${principal.role} may not ${describe(verb)}.`;
  if (verb === 'own account' && principal.actor.kind !== 'user') return 'Only a signed-in person has an account.';
  if (verb === 'decide' && !isApprover(principal, subject.approvers ?? [])) {
    return `Only ${(subject.approvers ?? []).join(', ')} may decide this.`;
  }
  return null;
}

/** Every verb, for the screen to know what to offer. */
const VERBS: readonly Verb[] = [
  'read',
  'run',
  'decide',
  'cancel',
  'acknowledge',
  'resolve',
  'try demo',
  'administer',
  'ingest samples',
  'ingest alerts',
  'act as agent',
  'own account',
];

/** What a principal may do, as far as it does not depend on the single thing. */
export function allowedVerbs(principal: Principal): readonly Verb[] {
  return VERBS.filter((verb) => whyDenied(principal, verb) === null);
}

function isApprover(principal: Principal, approvers: readonly string[]): boolean {
  if (approvers.length === 0) return true;
  const mine = [`role:${principal.role}`, ...principal.teams.map((team) => `team:${team}`)];
  if (principal.actor.kind === 'user') mine.push(`user:${principal.actor.name}`);
  if (principal.actor.kind === 'token') mine.push(`token:${principal.actor.name}`);
  return approvers.some((approver) => mine.includes(approver));
}

function describe(verb: Verb): string {
  return verb === 'act as agent' ? 'speak for a host' : verb;
}
