/** Every number below `total`. */
export function allRefs(total: number): Uint32Array {
  const refs = new Uint32Array(total);
  for (let i = 0; i < total; i += 1) refs[i] = i;
  return refs;
}

/** The first place at or after `from` in an ascending list whose number is at least `wanted`: doubling steps, then halving. */
function seek(list: Uint32Array, from: number, wanted: number): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < list.length && (list[high] ?? 0) < wanted) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > list.length) high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What two ascending lists have in common; quick when the first is much the shorter one. */
export function intersect(few: Uint32Array, many: Uint32Array): Uint32Array {
  const out = new Uint32Array(few.length);
  let size = 0;
  let at = 0;
  for (const ref of few) {
    at = seek(many, at, ref);
    if (at === many.length) break;
    if (many[at] === ref) out[size++] = ref;
  }
  return out.subarray(0, size);
}

/** What the first ascending list has and the second has not. */
export function subtract(from: Uint32Array, what: Uint32Array): Uint32Array {
  const out = new Uint32Array(from.length);
  let size = 0;
  let at = 0;
  for (const ref of from) {
    at = seek(what, at, ref);
    if (what[at] !== ref) out[size++] = ref;
  }
  return out.subarray(0, size);
}
