/** A label set. Names are unique by construction; the order of the keys carries no meaning (`sortedNames` gives the canonical one). */
export type Labels = Readonly<Record<string, string>>;

/** The label that holds a series' metric name. */
export const NAME = '__name__';

/** Label names in the canonical order: by UTF-16 code unit, which equals Prometheus' byte order for the names in use. */
export function sortedNames(labels: Labels): string[] {
  return Object.keys(labels).sort();
}

/** One text per label set, the same for equal sets: the canonical key of maps. Not for people (`formatLabels`). */
export function labelsKey(labels: Labels): string {
  let key = '';
  for (const name of sortedNames(labels)) key += `${name}\xff${labels[name] ?? ''}\xff`;
  return key;
}

/** A label set as PromQL writes it: `up{instance="a",job="b"}`. */
export function formatLabels(labels: Labels): string {
  const pairs = sortedNames(labels).filter((name) => name !== NAME);
  const body = pairs.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(',');
  const metric = labels[NAME] ?? '';
  return body === '' && metric !== '' ? metric : `${metric}{${body}}`;
}

export function equalLabels(a: Labels, b: Labels): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name] === a[name]);
}

/** The set without the given names. */
export function withoutLabels(labels: Labels, ...names: string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * Sixteen hex digits that identify a label set, equal to Prometheus' and Alertmanager's fingerprint of it: FNV-1a 64 over the
 * UTF-8 bytes of each name and value, both followed by 0xff, in name order (github.com/prometheus/common model/signature.go).
 */
export function fingerprint(labels: Labels): string {
  let hash = FNV_OFFSET;
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK;
  };
  for (const name of sortedNames(labels)) {
    for (const text of [name, labels[name] ?? '']) {
      for (const byte of utf8Bytes(text)) add(byte);
      add(0xff);
    }
  }
  return hash.toString(16).padStart(16, '0');
}

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (const char of text) {
    let code = char.codePointAt(0) ?? 0xfffd;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return bytes;
}
