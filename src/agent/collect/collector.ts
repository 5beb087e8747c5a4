import { type Labels, NAME } from '../../core/base/labels.ts';
import type { Clock } from '../../io/clock.ts';
import type { Files } from '../../io/files.ts';

/** One measured value; its labels hold the metric's name, and not yet what the agent adds to every series. */
export interface Metric {
  readonly labels: Labels;
  readonly value: number;
}

/** What collectors read from. The paths are parameters so that a tree of fixtures can stand for a machine. */
export interface Sources {
  readonly files: Files;
  readonly clock: Clock;
  readonly proc: string;
  readonly sys: string;
  /** What stands before mount points, /etc and /run: nothing, or where a container sees the root of its host. */
  readonly root: string;
}

/** Reads one part of the machine. What the machine does not have gives no metrics; what cannot be read rejects. */
export interface Collector {
  readonly name: string;
  collect(from: Sources): Promise<readonly Metric[]>;
}

export function metric(name: string, value: number, labels?: Labels): Metric {
  return { labels: { [NAME]: name, ...labels }, value };
}

/** No file of /proc or /sys that we read is longer on a machine of any size we know. */
const LIMIT_BYTES = 4 << 20;

/** A collector that is one file of /proc and the parser of its text. */
export function procCollector(name: string, file: string, parse: (text: string) => readonly Metric[]): Collector {
  return { name, collect: async (from) => parse(await readSource(from, `${from.proc}/${file}`)) };
}

export function readSource(from: Sources, path: string): Promise<string> {
  return from.files.readText(path, LIMIT_BYTES);
}

/** A file that not every machine has, or that refuses while its device is down: null. */
export async function readOptional(from: Sources, path: string): Promise<string | null> {
  try {
    return await readSource(from, path);
  } catch {
    return null;
  }
}

/** A number as /proc and /sys write it, decimal or hexadecimal; an empty or absent text is none, so NaN. */
export function toNumber(text: string | null | undefined): number {
  return text === null || text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}

/** The fields of a line, separated by any white space. */
export function fields(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}
