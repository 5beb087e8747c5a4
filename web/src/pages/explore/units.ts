import type { Unit } from '../../parts/format.ts';

/** What people choose from; `auto` goes by the names in the query. */
export const UNITS: readonly (readonly [Unit, string])[] = [
  ['si', 'Number, short'],
  ['number', 'Number'],
  ['bytes', 'Bytes'],
  ['bytes/s', 'Bytes per second'],
  ['per second', 'Per second'],
  ['seconds', 'Seconds'],
  ['percent', 'Percent (0–100)'],
  ['ratio', 'Ratio (0–1) as percent'],
];

/**
 * The unit that was chosen, else the one that the names in the queries promise. Of native histograms the observed values are shown, whose
 * unit is that of the name, also when their rate is asked for.
 */
export function unitOf(chosen: string | undefined, exprs: readonly string[], areHistograms = false): Unit {
  const known = UNITS.find(([unit]) => unit === chosen);
  if (known !== undefined) return known[0];
  const guesses = new Set(exprs.map((expr) => guessUnit(expr, areHistograms)));
  const [only] = guesses;
  return guesses.size === 1 && only !== undefined ? only : 'si';
}

function guessUnit(expr: string, isHistogram: boolean): Unit {
  const code = expr.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#.*/g, '');
  if (/^\s*(count|group|absent|changes|resets)\b/.test(code)) return 'si';
  if (/(^|\D)100\s*\*|\*\s*100\b/.test(code)) return 'percent';
  const isRate = !isHistogram && /\bi?rate\s*\(/.test(code);
  // A quotient of two equal units has none.
  if (code.includes('/')) return 'si';
  if (/_bytes(_total)?\b/.test(code)) return isRate ? 'bytes/s' : 'bytes';
  if (/_ratio\b/.test(code)) return 'ratio';
  if (/_percent\b/.test(code)) return 'percent';
  if (/_seconds(_total|_sum|_bucket)?\b/.test(code)) return isRate && !/histogram_quantile/.test(code) ? 'si' : 'seconds';
  return isRate ? 'per second' : 'si';
}
