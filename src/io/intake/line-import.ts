import { type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Counters, increase, type Metric } from '../../core/base/counters.ts';
import type { WriteSeries } from '../../core/wire/encode-write.ts';
import { parseSeriesLine } from '../../core/wire/series-line.ts';
import { bodyEncoding } from '../decompress.ts';
import type { SeriesStore } from '../series/store.ts';
import { writeSeries } from './write-series.ts';

export interface ImportDoors {
  readonly write: SeriesStore['write'];
  readonly counters: Counters;
}

/** What became of an import. Lines before an error are stored. */
export interface ImportOutcome {
  readonly lines: number;
  readonly samples: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Lines that could not be read, and what is wrong with the first of them. */
  readonly badLines: number;
  readonly problems: readonly string[];
  readonly error: 'unsupported' | 'bad' | 'unavailable' | null;
}

const LINE_LIMIT = 32 << 20;
const BATCH_SAMPLES = 20_000;
const MOST_PROBLEMS = 10;
const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const METRICS = {
  lines: counter('tocsin_import_lines_total', 'Lines of imported JSON, by outcome.'),
  samples: counter('tocsin_import_samples_total', 'Samples imported as JSON lines.'),
} as const;

/** Makes the numbers of imports be there from the start, so that the first import shows as an increase. */
export function countImports(counters: Counters): void {
  increase(counters, METRICS.lines, { outcome: 'ok' }, 0);
  increase(counters, METRICS.samples, {}, 0);
}

/** Imports JSON lines while they arrive; what is held at once is bounded, however long the body is. */
export async function importLines(
  body: Readable,
  encoding: string | undefined,
  source: string,
  doors: ImportDoors,
): Promise<ImportOutcome> {
  const reading = new Import(source, doors);
  const known = bodyEncoding(encoding);
  if (known === null) return reading.end('unsupported', 'the content encoding must be gzip, zstd or none');
  const plain = known === 'identity' ? body : body.pipe(known === 'gzip' ? createGunzip() : createZstdDecompress());
  // A broken connection must end the reading also where another stream is read.
  if (plain !== body) body.on('error', (error) => plain.destroy(error));
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      if (!(await reading.take(chunk))) break;
    }
    await reading.finish();
    return reading.end();
  } catch (error) {
    return reading.end('bad', error instanceof Error ? error.message : String(error));
  } finally {
    plain.destroy();
  }
}

class Import {
  private readonly source: string;
  private readonly doors: ImportDoors;
  private readonly decoder = new TextDecoder();
  private rest = '';
  private batch: WriteSeries[] = [];
  private batched = 0;
  private lines = 0;
  /** The line of the text that is read, empty ones among them. */
  private number = 0;
  /** Where what waits to be written begins. */
  private batchFrom = 0;
  private samples = 0;
  private badLines = 0;
  private error: ImportOutcome['error'] = null;
  private readonly refused: Record<string, number> = {};
  private readonly problems: string[] = [];

  constructor(source: string, doors: ImportDoors) {
    this.source = source;
    this.doors = doors;
  }

  /** False: there is no use in going on. */
  async take(chunk: Buffer): Promise<boolean> {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > LINE_LIMIT) {
      this.error = 'bad';
      this.problems.push(`line ${this.number + lines.length + 1}: longer than ${LINE_LIMIT} characters`);
    }
    for (const line of lines) await this.line(line);
    return this.error === null;
  }

  async finish(): Promise<void> {
    if (this.error !== null) return;
    const last = this.rest + this.decoder.decode();
    if (last !== '') await this.line(last);
    await this.flush();
  }

  end(error: ImportOutcome['error'] = this.error, problem: string | null = null): ImportOutcome {
    const { counters } = this.doors;
    if (problem !== null) this.problems.push(problem);
    increase(counters, METRICS.lines, { outcome: 'ok' }, this.lines - this.badLines);
    if (this.badLines > 0) increase(counters, METRICS.lines, { outcome: 'bad' }, this.badLines);
    increase(counters, METRICS.samples, {}, this.samples);
    const { lines, samples, refused, badLines, problems } = this;
    return { lines, samples, refused, badLines, problems, error };
  }

  private async line(text: string): Promise<void> {
    this.number += 1;
    if (text.trim() === '' || this.error !== null) return;
    this.lines += 1;
    const series = parseSeriesLine(text);
    if (typeof series === 'string') {
      this.badLines += 1;
      if (this.problems.length < MOST_PROBLEMS) this.problems.push(`line ${this.number}: ${series}`);
      return;
    }
    const { labels, samples } = series;
    for (let from = 0; from < samples.length; from += BATCH_SAMPLES) {
      const piece = samples.slice(from, from + BATCH_SAMPLES);
      if (this.batch.length === 0) this.batchFrom = this.number;
      this.batch.push({ labels, samples: piece });
      this.batched += piece.length;
      if (this.batched >= BATCH_SAMPLES) await this.flush();
    }
  }

  private async flush(): Promise<void> {
    if (this.batch.length === 0 || this.error !== null) return;
    const outcome = await writeSeries(this.doors.write, this.batch, this.source);
    this.batch = [];
    this.batched = 0;
    if ('error' in outcome) {
      this.error = outcome.error === 'unavailable' ? 'unavailable' : 'bad';
      this.problems.push(outcome.message);
      return;
    }
    this.samples += outcome.samples;
    for (const { reason, count } of outcome.refused) {
      this.refused[reason] = (this.refused[reason] ?? 0) + count;
      if (this.problems.length < MOST_PROBLEMS) this.problems.push(`${this.whichLines()}: ${count} samples refused, ${reason}`);
    }
  }

  /** The lines that were written last. */
  private whichLines(): string {
    const { batchFrom, number } = this;
    return number <= batchFrom ? `line ${batchFrom}` : `lines ${batchFrom} to ${number}`;
  }
}
