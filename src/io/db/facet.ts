/** Names that no label can have: alerts are found by their rule and host the same way as by a label. */
export const RULE_FACET = '\0rule';
export const HOST_FACET = '\0host';

/**
 * A whole number below 2^53 for a name and its value: two interleaved 32-bit FNV-1a hashes over the UTF-16 units. Two pairs may share a
 * number, so whatever is found by it is compared again.
 */
export function facetOf(name: string, value: string): number {
  let high = 0x811c9dc5;
  let low = 0x050c5d1f;
  const add = (text: string): void => {
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ unit ^ (high >>> 15), 0x01000193);
    }
    high = Math.imul(high ^ 0x10000, 0x01000193);
    low = Math.imul(low ^ 0x10000, 0x01000193);
  };
  add(name);
  add(value);
  return (high >>> 0) * 0x200000 + (low >>> 11);
}
