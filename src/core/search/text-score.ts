/** How well a text fits what was typed: 1 is as good as can be, 0 is not at all. */
export type TextScore = (text: string) => number;

/** A gap costs its part of the text; what stands behind the match half of that. */
const TRAILING_COST = 0.5;
/** Winkler's constants: how much a common beginning counts, and how long it can be. */
const PREFIX_WEIGHT = 0.1;
const LONGEST_PREFIX = 4;

/**
 * All characters of the pattern stand in the text in this order. Long runs count as their square, gaps cost; the sum is
 * a part of the square of the pattern's length (prometheus/prometheus util/strutil/subsequence.go). A beginning is 1.
 */
export function scoreSubsequence(pattern: string): TextScore {
  const wanted = [...pattern];
  return (text) => {
    if (text.startsWith(pattern)) return 1;
    const found = [...text];
    let best = 0;
    for (let start = 0; start + wanted.length <= found.length; start++) {
      if (found[start] !== wanted[0]) continue;
      const score = scoreFrom(wanted, found, start);
      // What cannot be completed from here cannot be from further on.
      if (score === null) break;
      best = Math.max(best, score);
    }
    return best / wanted.length ** 2;
  };
}

/** Takes each next run of the pattern where it comes first. Null: the text ends before the pattern does. */
function scoreFrom(wanted: readonly string[], found: readonly string[], start: number): number | null {
  let score = 0;
  let from = start;
  let end = 0;
  for (let next = 0; next < wanted.length; ) {
    while (from < found.length && found[from] !== wanted[next]) from++;
    if (from === found.length) return null;
    let run = 0;
    while (next < wanted.length && found[from + run] === wanted[next]) {
      run++;
      next++;
    }
    score += run * run - (from - end) / found.length;
    end = from + run;
    from = end;
  }
  return score - ((found.length - end) / found.length) * TRAILING_COST;
}

/** 1 where the text begins with the pattern, 0.9 where the pattern stands elsewhere in it. */
export function scoreSubstring(pattern: string): TextScore {
  return (text) => (text.startsWith(pattern) ? 1 : text.includes(pattern) ? 0.9 : 0);
}

/** The similarity of Jaro and Winkler (W. E. Winkler, 1990): common characters, those out of order, and a common beginning. */
export function scoreJaroWinkler(pattern: string): TextScore {
  const wanted = [...pattern];
  return (text) => {
    const found = [...text];
    const jaro = similarityOf(wanted, found);
    let prefix = 0;
    while (prefix < LONGEST_PREFIX && prefix < wanted.length && wanted[prefix] === found[prefix]) prefix++;
    return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
  };
}

function similarityOf(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Uint8Array(b.length);
  const ofA: string[] = [];
  for (const [i, char] of a.entries()) {
    for (let j = Math.max(0, i - reach); j < Math.min(b.length, i + reach + 1); j++) {
      if (taken[j] === 1 || b[j] !== char) continue;
      taken[j] = 1;
      ofA.push(char);
      break;
    }
  }
  if (ofA.length === 0) return 0;
  const ofB = b.filter((_, j) => taken[j] === 1);
  const moved = ofA.filter((char, i) => char !== ofB[i]).length / 2;
  return (ofA.length / a.length + ofA.length / b.length + (ofA.length - moved) / ofA.length) / 3;
}
