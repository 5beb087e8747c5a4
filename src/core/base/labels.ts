import { Fnv1a64 } from './hash.ts';

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

/** The set without the given names. */
export function withoutLabels(labels: Labels, ...names: string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

/**
 * Sixteen hex digits that identify a label set, equal to Prometheus' and Alertmanager's fingerprint of it: FNV-1a 64 over the UTF-8
 * bytes of each name and value, both followed by the byte 0xff, in name order (prometheus/common model/signature.go).
 */
export function fingerprint(labels: Labels): string {
  const hash = new Fnv1a64();
  for (const name of sortedNames(labels)) {
    hash.addText(name);
    hash.addByte(0xff);
    hash.addText(labels[name] ?? '');
    hash.addByte(0xff);
  }
  return hash.hex();
}
