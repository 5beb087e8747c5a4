import type { LongQueries } from './long-queries.ts';
import type { Vector } from './store.ts';
import { type Bounds, boundsOf, type VectorAsk, type VectorColumns } from './vector-asks.ts';

type Read = Vector | { readonly error: string } | 'slow';

/** Asks the series thread for many instant vectors, without those that are known to take long there. */
export async function readVectors(
  asks: readonly VectorAsk[],
  long: LongQueries,
  ask: (exprs: readonly string[], bounds: Bounds) => Promise<VectorColumns>,
): Promise<readonly Read[]> {
  const short = asks.filter(({ expr }) => !long.has(expr, 0));
  if (short.length === 0) return asks.map(() => 'slow');
  const exprs = short.map(({ expr }) => expr);
  const read = vectorsOf(await ask(exprs, boundsOf(short.map(({ worth }) => worth))));
  for (const [index, { expr }] of short.entries()) if (read[index] === 'slow') long.note(expr, 0);
  if (short.length === asks.length) return read;
  let next = 0;
  return asks.map((one) => (one === short[next] ? (read[next++] ?? 'slow') : 'slow'));
}

const NOTHING: Vector = { labels: [], values: new Float64Array(0) };

function vectorsOf({ ends, values, labels, failed, slow }: VectorColumns): Read[] {
  const read: Read[] = [];
  let from = 0;
  for (const to of ends) {
    if (to === from) read.push(NOTHING);
    else read.push({ labels: labels.slice(from, to), values: values.subarray(from, to) });
    from = to;
  }
  for (const [index, error] of failed) read[index] = { error };
  for (const index of slow) read[index] = 'slow';
  return read;
}
