import { labelsKey, NAME } from '../../core/base/labels.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { parseExposition } from '../../core/wire/exposition.ts';
import type { Files } from '../../io/files.ts';
import type { Log } from '../../io/log.ts';
import { type Collector, type Metric, metric } from './collector.ts';

const MOST_FILES = 1_000;
const MOST_BYTES = 4 << 20;
const MOST_SERIES = 20_000;
const LIMITS = { samples: MOST_SERIES, labels: 40, lineLength: 16_384 };

/**
 * Every `*.prom` of a folder, in the text format: how anything on a machine hands in its own metrics. A bad file is left out as a whole, is told in the log once per change, and sets node_textfile_scrape_error; the others are unharmed. Timestamps
 * in a file are refused as node_exporter refuses them: they would make a stopped writer look alive, or its samples late.
 */
export function openTextfile(folder: string, log: Log): Collector {
  let told = new Map<string, string>();
  return {
    name: 'textfile',
    collect: async (from) => {
      const seen = new Set<string>();
      const metrics: Metric[] = [];
      const wrong = new Map<string, string>();
      for (const name of await promFiles(from.files, folder)) {
        const path = `${folder}/${name}`;
        const read = await readOne(from.files, path, seen);
        if (typeof read === 'string') wrong.set(path, read);
        else metrics.push(...read);
      }
      for (const [path, why] of wrong) if (told.get(path) !== why) log.warn('a textfile is left out', { path, why });
      told = wrong;
      return [...metrics, metric('node_textfile_scrape_error', wrong.size > 0 ? 1 : 0)];
    },
  };
}

export function isTextfile(name: string): boolean {
  return name.endsWith('.prom') && !name.startsWith('.');
}

/** A folder that does not exist (yet) is an empty one. */
async function promFiles(files: Files, folder: string): Promise<string[]> {
  if ((await files.state(folder)) === null) return [];
  const entries = await files.list(folder);
  return entries
    .filter((entry) => isTextfile(entry.name) && entry.kind !== 'folder')
    .map((entry) => entry.name)
    .slice(0, MOST_FILES);
}

/** The metrics of one file, or why it is left out. */
async function readOne(files: Files, path: string, seen: Set<string>): Promise<readonly Metric[] | string> {
  let text: string;
  let modifiedAt: number;
  try {
    const state = await files.state(path);
    if (state?.kind !== 'file') return 'not a file';
    modifiedAt = state.modifiedAt;
    text = await files.readText(path, MOST_BYTES);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { value, problems } = parseExposition(text, LIMITS);
  if (value === null) return problems.map(formatProblem).join('; ');
  const keys = new Set<string>();
  for (const sample of value.samples) {
    if (sample.at !== null) return 'it has timestamps, which are not supported';
    const key = labelsKey(sample.labels);
    if (keys.has(key) || seen.has(key)) return `${sample.labels[NAME]} is given twice with the same labels`;
    keys.add(key);
  }
  if (seen.size + keys.size > MOST_SERIES) return `the folder has more than ${MOST_SERIES} series`;
  for (const key of keys) seen.add(key);
  return [...value.samples, metric('node_textfile_mtime_seconds', modifiedAt / 1_000, { file: path })];
}
