import { type Collector, type Metric, metric, readOptional } from '../collector.ts';

const LABELS = [
  'build_id',
  'id',
  'id_like',
  'image_id',
  'image_version',
  'name',
  'pretty_name',
  'variant',
  'variant_id',
  'version',
  'version_codename',
  'version_id',
] as const;

/** os-release(5): assignments as a shell writes them, values perhaps in quotes with backslashes before `"`, `$`, backquote and backslash. */
export function parseOsRelease(text: string): Metric[] {
  const known = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z_0-9]+)=(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) known.set(name.toLowerCase(), unquote(value));
  }
  const of = (label: string): string => known.get(label) ?? '';
  const metrics = [metric('node_os_info', 1, Object.fromEntries(LABELS.map((label) => [label, of(label)])))];
  const version = /^\d+\.?\d*/.exec(of('version_id'))?.[0];
  if (version !== undefined)
    metrics.push(metric('node_os_version', Number(version), { id: of('id'), id_like: of('id_like'), name: of('name') }));
  return metrics;
}

function unquote(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner;
}

export const os: Collector = {
  name: 'os',
  collect: async (from) => {
    const text = (await readOptional(from, `${from.root}/etc/os-release`)) ?? (await readOptional(from, `${from.root}/usr/lib/os-release`));
    return text === null ? [] : parseOsRelease(text);
  },
};
