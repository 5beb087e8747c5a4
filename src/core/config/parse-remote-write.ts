import { SECOND } from '../base/time.ts';
import type { RemoteWriteTarget } from '../series/remote-write-target.ts';
import { ACCESS_FIELDS, ACCESS_PLANNED, httpAccess } from './parse-http-access.ts';
import { relabelRule } from './parse-relabel.ts';
import {
  describe,
  fullText,
  listOf,
  mapOf,
  type Note,
  optional,
  positiveDuration,
  type Reader,
  record,
  required,
  size,
} from './readers.ts';
import type { SecretRef } from './secret-ref.ts';
import { checked, secretRef, sourceOf, whyNoWebAddress } from './shared-readers.ts';
import { itemsOf, spotOf, type Tree } from './tree.ts';

const HEADER = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;
/** What the protocol itself sets, and what has a key of its own. */
const RESERVED = [
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'transfer-encoding',
];

/** Headers of every request, by lower-case name. */
export const headers: Reader<ReadonlyMap<string, SecretRef>> = (tree, note) => {
  const values = mapOf((entry, report) => {
    const name = entry.key.toLowerCase();
    if (HEADER.test(name) && !RESERVED.includes(name) && !name.startsWith('x-prometheus-remote-')) return secretRef(entry.value, report);
    report(
      entry.at,
      RESERVED.includes(name) ? `the header ${name} is set by Tocsin` : `${JSON.stringify(entry.key)} is no name of a header`,
    );
    return undefined;
  })(tree, note);
  return values && new Map([...values].map(([name, value]) => [name.toLowerCase(), value]));
};

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const whyNoName = (name: string): string | null =>
  NAME.test(name) ? null : 'a name has at most 64 letters, digits, _, . and -, and does not begin with . or -';

const fields = record(
  {
    name: optional(checked(fullText, whyNoName), null),
    url: required(checked(fullText, whyNoWebAddress)),
    remote_timeout: optional(positiveDuration, 30 * SECOND),
    headers: optional(headers, new Map<string, SecretRef>()),
    write_relabel_configs: optional(listOf(relabelRule), []),
    queue_bytes: optional(size, 1 << 30),
    ...ACCESS_FIELDS,
  },
  [
    ...ACCESS_PLANNED,
    'queue_config',
    'metadata_config',
    'send_exemplars',
    'send_native_histograms',
    'protobuf_message',
    'round_robin_dns',
    'azuread',
    'google_iam',
  ],
);

/** The section `remote_write` of all files. Names, which may be left out, are unique. */
export function parseRemoteWrite(trees: readonly Tree[], note: Note): readonly RemoteWriteTarget[] {
  const targets = new Map<string, RemoteWriteTarget>();
  for (const tree of trees) {
    if (tree.kind !== 'list') note(tree, `expected a list, found ${describe(tree)}`);
    for (const item of itemsOf(tree)) {
      const target = parseTarget(item, note);
      const first = target && targets.get(target.name);
      if (first !== undefined)
        note(spotOf(item, 'name'), `${first.name} is already defined in line ${first.source.line}: give a name of its own`);
      else if (target !== undefined) targets.set(target.name, target);
    }
  }
  return [...targets.values()];
}

function parseTarget(tree: Tree, note: Note): RemoteWriteTarget | undefined {
  const value = fields(tree, note);
  const access = value && httpAccess(value, tree, note);
  if (value === undefined || access === undefined) return undefined;
  return {
    name: value.name ?? hostOf(value.url),
    url: value.url,
    timeout: value.remote_timeout,
    access,
    headers: value.headers,
    relabel: value.write_relabel_configs,
    queueBytes: value.queue_bytes,
    source: sourceOf(tree),
  };
}

/** Host and port of an address as a name of a folder. */
function hostOf(url: string): string {
  return (/^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1] ?? 'remote').replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 64);
}
