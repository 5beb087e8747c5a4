import { equalSecrets } from '../access/equal-secrets.ts';
import type { Millis } from '../base/time.ts';
import { sha256 } from '../base/sha256.ts';
import { utf8Bytes } from '../base/utf8.ts';
import type { Run } from './run.ts';

/** What one link is good for: one decision of one person about one request, until it expires. */
export interface DecisionLink {
  readonly run: string;
  /** `requestDigest` of the run: a link never counts for another request. */
  readonly request: string;
  readonly decision: 'approve' | 'reject';
  /** The name of the user whose decision it is. */
  readonly person: string;
  readonly expiresAt: Millis;
}

/** Signs a text; the same text gives the same signature, of characters that may stand in an address. */
export type Sign = (text: string) => string;

/** Tells the form of this token from later ones. */
const FORM = '1';
const LONGEST_TOKEN = 900;
const DIGEST_DIGITS = 32;

/** 128 bits in hex over everything that is approved and that never changes afterwards: what runs, where, on whose word. */
export function requestDigest(run: Run): string {
  const parameters = Object.entries(run.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { id, action, version, argv, host, triggeredAt, approvers, approvalsNeeded } = run;
  return sha256(JSON.stringify([id, action, version, argv, parameters, host, triggeredAt, approvers, approvalsNeeded])).slice(
    0,
    DIGEST_DIGITS,
  );
}

/** The token of a link: what it is good for, and the signature over that, separated by dots. */
export function formatDecisionToken(link: DecisionLink, sign: Sign): string {
  const person = utf8Bytes(link.person)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const decision = link.decision === 'approve' ? 'a' : 'r';
  const said = [FORM, link.run, link.request, decision, person, link.expiresAt.toString(36)].join('.');
  return `${said}.${sign(said)}`;
}

const TOKEN =
  /^((\d)\.([A-Za-z0-9-]{1,100})\.([0-9a-f]{32})\.([ar])\.((?:[0-9a-f]{2}){1,300})\.([0-9a-z]{1,11}))\.([A-Za-z0-9_-]{20,100})$/;

/** What a token is good for, or null when it is none that was signed here. It says nothing of whether that still counts. */
export function parseDecisionToken(token: string, sign: Sign): DecisionLink | null {
  if (token.length > LONGEST_TOKEN) return null;
  const [, said = '', form = '', run = '', request = '', decision = '', person = '', expiresAt = '', signature = ''] =
    TOKEN.exec(token) ?? [];
  if (form !== FORM || !equalSecrets(signature, sign(said))) return null;
  return {
    run,
    request,
    decision: decision === 'a' ? 'approve' : 'reject',
    // Only what was signed here comes so far: it is UTF-8.
    person: decodeURIComponent(person.replace(/../g, '%$&')),
    expiresAt: Number.parseInt(expiresAt, 36),
  };
}
