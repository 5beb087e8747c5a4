import type { HttpAccess, TlsAccess } from '../scrape/scrape-job.ts';
import { boolean, fullText, listOf, mapOf, type Note, oneOf, optional, type Reader, record, text } from './readers.ts';
import type { SecretRef } from './secret-ref.ts';
import { secretRef } from './shared-readers.ts';
import { spotOf, type Tree } from './tree.ts';

/** The path of a file; a relative one lies beside the configuration file that names it. */
export const path: Reader<string> = (tree, note) => {
  const named = fullText(tree, note);
  if (named === undefined || /^([/\\]|[A-Za-z]:)/.test(named) || tree.file === '') return named;
  return `${/^(.*[/\\])[^/\\]*$/.exec(tree.file)?.[1] ?? ''}${named}`;
};

/** A file that holds a secret. */
const secretFile: Reader<SecretRef> = (tree, note) => {
  const name = path(tree, note);
  return name === undefined ? undefined : { kind: 'file', name };
};

const basicAuth = record({
  username: optional(secretRef, null),
  username_file: optional(secretFile, null),
  password: optional(secretRef, null),
  password_file: optional(secretFile, null),
});
const authorization = record({
  type: optional(fullText, 'Bearer'),
  credentials: optional(secretRef, null),
  credentials_file: optional(secretFile, null),
});
const tlsVersion = oneOf('TLS10', 'TLS11', 'TLS12', 'TLS13');
const tlsConfig = record({
  ca: optional(secretRef, null),
  ca_file: optional(secretFile, null),
  cert: optional(secretRef, null),
  cert_file: optional(secretFile, null),
  key: optional(secretRef, null),
  key_file: optional(secretFile, null),
  server_name: optional(text, null),
  insecure_skip_verify: optional(boolean, false),
  min_version: optional(tlsVersion, null),
  max_version: optional(tlsVersion, null),
});

const HEADER = /^[\w!#$%&'*+.^`|~-]+$/;
/** What the protocol itself sets, and what has a key of its own. */
const RESERVED =
  /^(authorization|host|content-(encoding|length|type)|user-agent|connection|keep-alive|te|trailer|transfer-encoding|upgrade|accept(-.*)?|proxy-.*|x-prometheus-.*)$/i;
const headerValues = record({
  values: optional(listOf(text), []),
  secrets: optional(listOf(secretRef), []),
  files: optional(listOf(secretFile), []),
});

const httpHeaders: Reader<ReadonlyMap<string, readonly SecretRef[]>> = mapOf(({ key, at, value }, note) => {
  if (!HEADER.test(key)) note(at, `${JSON.stringify(key)} is no name of a header`);
  else if (RESERVED.test(key)) note(at, `the header ${key} is set by Tocsin`);
  else {
    const given = headerValues(value, note);
    return given && [...given.values.map((literal) => ({ kind: 'literal', value: literal }) as const), ...given.secrets, ...given.files];
  }
  return undefined;
});

/** The keys of a client in Prometheus' configuration, to be spread into a record. */
export const ACCESS_FIELDS = {
  basic_auth: optional(basicAuth, null),
  authorization: optional(authorization, null),
  bearer_token: optional(secretRef, null),
  bearer_token_file: optional(secretFile, null),
  tls_config: optional(tlsConfig, null),
  follow_redirects: optional(boolean, true),
  // HTTP/1.1 is spoken either way.
  enable_http2: optional(boolean, true),
  http_headers: optional(httpHeaders, new Map<string, readonly SecretRef[]>()),
};

/** Keys of a client that Prometheus knows and this version does not. */
export const ACCESS_PLANNED = ['oauth2', 'proxy_url', 'proxy_from_environment', 'no_proxy', 'proxy_connect_header', 'sigv4'] as const;

type Read<F> = F extends Reader<infer T> ? T : never;

/** What `ACCESS_FIELDS` read. */
export interface AccessValues {
  readonly basic_auth: Read<typeof basicAuth> | null;
  readonly authorization: Read<typeof authorization> | null;
  readonly bearer_token: SecretRef | null;
  readonly bearer_token_file: SecretRef | null;
  readonly tls_config: Read<typeof tlsConfig> | null;
  readonly follow_redirects: boolean;
  readonly http_headers: ReadonlyMap<string, readonly SecretRef[]>;
}

/** How a client says who it is; notes what contradicts itself in the map it was read from. */
export function httpAccess(value: AccessValues, tree: Tree, note: Note): HttpAccess | undefined {
  const { basic_auth: basic, authorization: given } = value;
  const wrong: [string, string][] = [];
  const ways = [basic, given, value.bearer_token, value.bearer_token_file].filter((way) => way !== null);
  if (ways.length > 1) {
    const second = ['authorization', 'bearer_token_file', 'bearer_token', 'basic_auth'].find((key) => spotOf(tree, key) !== tree);
    wrong.push([second ?? '', 'give one of basic_auth, authorization, bearer_token and bearer_token_file']);
  }
  if (basic !== null) {
    if (basic.username !== null && basic.username_file !== null) wrong.push(['basic_auth', 'give username or username_file']);
    if (basic.password !== null && basic.password_file !== null) wrong.push(['basic_auth', 'give password or password_file']);
  }
  if (given !== null && (given.credentials === null) === (given.credentials_file === null))
    wrong.push(['authorization', 'give credentials or credentials_file']);
  if (given !== null && /^basic$/i.test(given.type)) wrong.push(['authorization', 'basic authentication is written as basic_auth']);
  if (given !== null && !/^[\w!#$%&'*+.^`|~-]+$/.test(given.type)) wrong.push(['authorization', 'type is one word']);
  const tls = value.tls_config === null ? null : tlsAccess(value.tls_config);
  if (typeof tls === 'string') wrong.push(['tls_config', tls]);
  for (const [key, message] of wrong) note(spotOf(tree, key), message);
  if (wrong.length > 0 || typeof tls === 'string') return undefined;
  return { authorization: authorizationOf(value), tls, headers: [...value.http_headers], followRedirects: value.follow_redirects };
}

function authorizationOf(value: AccessValues): HttpAccess['authorization'] {
  const { basic_auth: basic, authorization: given } = value;
  if (basic !== null) {
    const user = basic.username ?? basic.username_file ?? { kind: 'literal', value: '' };
    return { kind: 'basic', user, password: basic.password ?? basic.password_file };
  }
  const credentials = given?.credentials ?? given?.credentials_file ?? value.bearer_token ?? value.bearer_token_file;
  return credentials === null ? null : { kind: 'credentials', type: given?.type ?? 'Bearer', credentials };
}

function tlsAccess(tls: NonNullable<AccessValues['tls_config']>): TlsAccess | string {
  if (tls.ca !== null && tls.ca_file !== null) return 'give ca or ca_file';
  if (tls.cert !== null && tls.cert_file !== null) return 'give cert or cert_file';
  if (tls.key !== null && tls.key_file !== null) return 'give key or key_file';
  const cert = tls.cert ?? tls.cert_file;
  const key = tls.key ?? tls.key_file;
  if ((cert === null) !== (key === null)) return 'a certificate and its key belong together';
  return {
    ca: tls.ca ?? tls.ca_file,
    cert,
    key,
    serverName: tls.server_name,
    isInsecure: tls.insecure_skip_verify,
    minVersion: versionName(tls.min_version),
    maxVersion: versionName(tls.max_version),
  };
}

/** `TLS12` is `TLSv1.2` elsewhere; `TLS10` is `TLSv1`. */
function versionName(text: string | null): string | null {
  return text === null ? null : text === 'TLS10' ? 'TLSv1' : `TLSv1.${text.slice(-1)}`;
}
