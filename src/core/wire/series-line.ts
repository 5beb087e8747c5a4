import type { Labels } from '../base/labels.ts';
import { NAME } from '../base/labels.ts';
import type { WriteSample, WriteSeries } from './encode-write.ts';

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/**
 * One line of VictoriaMetrics' import format, `{"metric":{"__name__":"x","a":"b"},"values":[1,2],"timestamps":[1700000000000,...]}` with
 * moments in milliseconds: the series with its samples in the order of time, or what is wrong. `null` is NaN.
 */
export function parseSeriesLine(line: string): WriteSeries | string {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'expected a JSON object';
  const { metric, values, timestamps } = value as { metric?: unknown; values?: unknown; timestamps?: unknown };
  const labels = readLabels(metric);
  if (typeof labels === 'string') return labels;
  if (!Array.isArray(values) || !Array.isArray(timestamps)) return 'values and timestamps must be lists';
  if (values.length !== timestamps.length) return `${values.length} values and ${timestamps.length} timestamps`;
  const samples: WriteSample[] = [];
  for (const [index, written] of values.entries()) {
    const number = readNumber(written);
    const at: unknown = timestamps[index];
    if (number === null) return `the value ${JSON.stringify(written)?.slice(0, 100)} is no number`;
    if (typeof at !== 'number' || !Number.isSafeInteger(at))
      return `the timestamp ${JSON.stringify(at)?.slice(0, 100)} is no whole number of milliseconds`;
    samples.push({ at, value: number });
  }
  return { labels, samples: samples.sort((a, b) => a.at - b.at) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readLabels(metric: unknown): Labels | string {
  if (typeof metric !== 'object' || metric === null || Array.isArray(metric)) return 'metric must be an object of labels';
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(metric)) {
    if (typeof value !== 'string') return `the label ${name.slice(0, 100)} is no text`;
    if (value !== '') labels[name] = value;
  }
  return (labels[NAME] ?? '') === '' ? 'metric has no __name__' : labels;
}

function readNumber(written: unknown): number | null {
  if (typeof written === 'number') return written;
  if (written === null) return Number.NaN;
  return typeof written === 'string' && Object.hasOwn(WORDS, written) ? (WORDS[written] ?? null) : null;
}
