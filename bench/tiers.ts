// How long queries over a month take from tiers and from samples, and what each occupies: node bench/tiers.ts [series]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR, MINUTE, SECOND } from '../src/core/base/time.ts';
import { evaluate } from '../src/core/promql/evaluate.ts';
import { parseExpr } from '../src/core/promql/parse-expr.ts';
import { DEFAULT_RULES } from '../src/core/series/head.ts';
import { PartSource } from '../src/core/series/part-source.ts';
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';
import { SeriesEngine } from '../src/io/series/engine.ts';
import { DEFAULT_KEEPING } from '../src/io/series/keeper.ts';

const SERIES = Number(process.argv[2] ?? 50);
const DAYS = 30;
const START = 20_000 * DAY;
const END = START + DAYS * DAY;
const EXPRESSIONS = [
  'm_total',
  'rate(m_total[1h])',
  'max_over_time(m_total[1h])',
  'sum(increase(m_total[1d]))',
  'avg_over_time(m_total[3h])',
];

const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-tiers-'));
const tiers = [
  { every: 5 * MINUTE, keep: 90 * DAY },
  { every: HOUR, keep: 730 * DAY },
  { every: DAY, keep: 3650 * DAY },
];
const engine = new SeriesEngine({
  folder,
  rules: DEFAULT_RULES,
  bodyLimitBytes: 1 << 28,
  decodedLimitBytes: 1 << 28,
  segmentBytes: 1 << 26,
  minFreeBytes: 0,
  keeping: { ...DEFAULT_KEEPING, tiers },
});

const values = Array.from({ length: SERIES }, () => 0);
let rolling = 0;
for (let hour = START; hour < END; hour += HOUR) {
  const body = encodeWriteRequest(
    values.map((_, i) => ({
      labels: { __name__: 'm_total', instance: `host-${i}` },
      samples: Array.from({ length: 240 }, (__, k) => {
        const grown = (values[i] ?? 0) + Math.round(Math.random() * 100);
        values[i] = Math.random() < 0.0001 ? 0 : grown;
        return { at: hour + (k + 1) * 15 * SECOND - i, value: values[i] ?? 0 };
      }),
    })),
  );
  engine.write({ body, encoding: 'none', source: 'bench', protocol: 1, at: hour + HOUR });
  const made = engine.keeper.tiers?.rolled ?? 0;
  const began = performance.now();
  await engine.keeper.keep(hour + HOUR);
  if ((engine.keeper.tiers?.rolled ?? 0) > made) rolling += performance.now() - began;
}
const raw = engine.keeper.blocks.blocks.reduce((sum, block) => sum + block.bytes, 0);
const samples = engine.keeper.blocks.blocks.reduce((sum, block) => sum + block.footer.samples, 0);
console.log(`${SERIES} series, ${DAYS} days: ${samples} samples, ${raw} bytes in blocks (${(raw / samples).toFixed(2)} each)`);
for (const { tier, bytes, buckets, files } of engine.keeper.tiers?.status() ?? [])
  console.log(`${tier}: ${buckets} buckets, ${bytes} bytes (${(bytes / buckets).toFixed(1)} each), ${files} files`);
console.log(`a day is merged and made in ${(rolling / DAYS).toFixed(0)} ms`);

const plain = new PartSource(engine.head);
for (const text of EXPRESSIONS) {
  const { value } = parseExpr(text);
  if (value === null) continue;
  const took = (source: PartSource): string => {
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now();
      evaluate(value, source, { start: START + DAY, end: END, step: HOUR });
      return performance.now() - began;
    });
    return `${Math.min(...times).toFixed(1)} ms`;
  };
  console.log(`${text}, a month at 1h: ${took(engine.source)} from tiers, ${took(plain)} from samples`);
}
await engine.close();
rmSync(folder, { recursive: true });
