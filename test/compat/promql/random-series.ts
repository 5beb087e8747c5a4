import type { Labels } from '../../../src/core/base/labels.ts';
import { MemorySource } from '../../../src/core/promql/memory-source.ts';

/** The first instant of the data; queries are asked at others, so that no sample ever lies exactly on the edge of a window. */
export const DATA_START = 1_700_000_000_007;
const STEP = 15_000;
const SAMPLES = 400;

interface Series {
  readonly labels: Labels;
  readonly values: readonly (number | null)[];
}

/** Gauges, counters with resets, classic histograms and gaps. */
export function randomSeries(random: () => number): readonly Series[] {
  const series: Series[] = [];
  const targets = ['a', 'b'].flatMap((job) => [0, 1, 2, 3].map((index) => ({ job, instance: `i${index}` })));
  for (const target of targets) {
    const add = (name: string, next: (at: number) => number | null, more: Labels = {}): void => {
      series.push({ labels: { __name__: name, ...target, ...more }, values: Array.from({ length: SAMPLES }, (_, at) => next(at)) });
    };
    const phase = random() * 6;
    add('temperature', (at) => 20 + 15 * Math.sin(at / 30 + phase) + random());
    // No two are equal, so that which of equals topk takes does not matter.
    add('queue', () => random() * 50);
    let silent = 0;
    add('gappy', () => {
      if (silent === 0 && random() < 0.03) silent = Math.floor(random() * 60);
      if (silent > 0) silent -= 1;
      return silent > 0 ? null : random() * 100 - 50;
    });
    for (const name of ['requests_total', 'errors_total']) {
      let total = Math.floor(random() * 10_000);
      add(name, () => {
        total = random() < 0.005 ? 0 : total + Math.floor(random() * 40);
        return total;
      });
    }
    add('info_metric', () => 1, { version: `v${Math.floor(random() * 3)}` });
    addHistogram(add, random);
  }
  return series;
}

function addHistogram(add: (name: string, next: (at: number) => number, more: Labels) => void, random: () => number): void {
  const bounds = ['0.1', '0.5', '1', '5', '+Inf'];
  const growth = Array.from({ length: SAMPLES }, () => bounds.map(() => Math.floor(random() * 6)));
  for (const [index, le] of bounds.entries()) {
    let total = 0;
    add(
      'latency_bucket',
      (at) => {
        for (let below = 0; below <= index; below += 1) total += growth[at]?.[below] ?? 0;
        return total;
      },
      { le },
    );
  }
}

/** The series as the engine reads them. */
export function toSource(all: readonly Series[]): MemorySource {
  const source = new MemorySource();
  for (const { labels, values } of all) {
    for (const [at, value] of values.entries()) {
      if (value !== null) source.append(labels, { time: DATA_START + at * STEP, value });
    }
  }
  return source;
}

/** The series as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`. */
export function toOpenMetrics(all: readonly Series[]): string {
  const byName = new Map<string, string[]>();
  for (const { labels, values } of all) {
    const name = labels['__name__'] ?? '';
    const pairs = Object.entries(labels).filter(([label]) => label !== '__name__');
    const metric = `${name}{${pairs.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
    const lines = byName.get(name) ?? [];
    for (const [at, value] of values.entries()) {
      if (value !== null) lines.push(`${metric} ${value} ${(DATA_START + at * STEP) / 1000}`);
    }
    byName.set(name, lines);
  }
  const blocks = [...byName].map(([name, lines]) => `# TYPE ${name} unknown\n${lines.join('\n')}\n`);
  return `${blocks.join('')}# EOF\n`;
}
