import { SECOND } from '../base/time.ts';
import {
  boolean,
  describe,
  fullText,
  integer,
  type Note,
  oneOf,
  oneOrMore,
  optional,
  positiveDuration,
  record,
  required,
} from './readers.ts';
import type { Channel } from './settings.ts';
import { checked, secretRef, sourceOf, whyNoWebAddress } from './shared-readers.ts';
import { type Entry, entryOf } from './tree.ts';

const TYPES = ['webhook', 'email', 'none'] as const;
const COMMON = { type: required(oneOf(...TYPES)), send_resolved: optional(boolean, true) };

const none = record(COMMON);

const url = checked(secretRef, (ref) => (ref.kind === 'literal' ? whyNoWebAddress(ref.value) : null));
const webhook = record(
  {
    ...COMMON,
    url: required(url),
    secret: optional(secretRef, null),
    bearer: optional(secretRef, null),
    timeout: optional(positiveDuration, 10 * SECOND),
    max_alerts: optional(integer(0, 1_000_000), 0),
  },
  ['http_config', 'headers', 'proxy', 'enable', 'rate_limit'],
);

const address = checked(fullText, (text) =>
  /^[^\s<>@,;"]+@[^\s<>@,;"]+$/.test(text) || /^[^\r\n<>]*<[^\s<>@,;"]+@[^\s<>@,;"]+>$/.test(text)
    ? null
    : `${JSON.stringify(text)} is no mail address`,
);
const DEFAULT_PORTS = { none: 25, starttls: 587, tls: 465 } as const;
const smtp = record({
  host: required(checked(fullText, (text) => (/^[^\s/]+$/.test(text) ? null : `${JSON.stringify(text)} is no host name`))),
  port: optional(integer(1, 65_535), null),
  security: optional(oneOf('none', 'starttls', 'tls'), 'starttls' as const),
  user: optional(fullText, null),
  password: optional(secretRef, null),
  insecure: optional(boolean, false),
});
const email = record(
  {
    ...COMMON,
    to: required(checked(oneOrMore(address), (list) => (list.length === 0 ? 'nobody to send to' : null))),
    from: optional(address, null),
    smtp: required(smtp),
  },
  ['enable', 'rate_limit', 'headers'],
);

/** A channel of the section `channels`. */
export function parseChannel({ key, at, value: tree }: Entry, note: Note): Channel | undefined {
  const written = entryOf(tree, 'type')?.value;
  const type = TYPES.find((each) => written?.kind === 'scalar' && written.text === each);
  if (type === undefined) {
    // Reads only to say what is wrong.
    if (tree.kind !== 'map') note(tree, `expected a map with type, found ${describe(tree)}`);
    else if (written === undefined) note(at, 'type is missing');
    else oneOf(...TYPES)(written, note);
    return undefined;
  }
  const common = { name: key, source: sourceOf(at) };
  if (type === 'none') {
    const value = none(tree, note);
    return value && { ...common, type, sendResolved: value.send_resolved };
  }
  if (type === 'webhook') {
    const value = webhook(tree, note);
    return (
      value && {
        ...common,
        type,
        sendResolved: value.send_resolved,
        url: value.url,
        secret: value.secret,
        bearer: value.bearer,
        timeout: value.timeout,
        maxAlerts: value.max_alerts,
      }
    );
  }
  const value = email(tree, note);
  if (value === undefined) return undefined;
  const { smtp: server } = value;
  return {
    ...common,
    type,
    sendResolved: value.send_resolved,
    to: value.to,
    from: value.from ?? `tocsin@${server.host}`,
    smtp: { ...server, port: server.port ?? DEFAULT_PORTS[server.security] },
  };
}

/** Keeps messages in the record only; there under this name unless the configuration defines its own. */
export const RECORD_CHANNEL: Channel = { name: 'record', type: 'none', sendResolved: true, source: { file: null, line: 0 } };
