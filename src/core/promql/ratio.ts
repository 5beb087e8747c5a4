import { type Labels, labelsKey } from '../base/labels.ts';

const SPAN = 2 ** 32;

/** A place in 0..1 (1 excluded) that depends on the labels only and is spread evenly: which series `limit_ratio` takes. */
export function ratioOffset(labels: Labels): number {
  const key = labelsKey(labels);
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  // FNV leaves the high bits of similar texts alike: the finalizer of MurmurHash3 spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / SPAN;
}
