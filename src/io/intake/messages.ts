import type { Millis } from '../../core/base/time.ts';
import type { OtlpRules } from '../../core/otlp/otlp-rules.ts';
import type { RelabelRule } from '../../core/scrape/relabel-rule.ts';
import type { MemoryRules } from '../../core/scrape/memory-rules.ts';
import type { ScrapedBody, ScrapedFamily, ScrapeOutcome } from '../../core/scrape/target-memory.ts';
import type { BodyEncoding } from '../decompress.ts';

/** How the samples of a target become series, as it travels between threads. */
export interface TargetRules extends Omit<MemoryRules, 'relabelling'> {
  readonly relabel: readonly RelabelRule[];
}

/** What a target answered, as it came. */
export interface FetchedBody {
  readonly format: ScrapedBody['format'];
  readonly body: Uint8Array;
  readonly encoding: BodyEncoding;
  /** Nothing longer is read out of it. */
  readonly limitBytes: number;
}

/** Why there is no answer of a target. */
export interface NotFetched {
  readonly reason: string;
  /** There is one, above `body_size_limit`. */
  readonly isTooLong: boolean;
}

/** A write request, ready for the series store; compressed, because the journal keeps it as it comes. */
export interface WriteRequestBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly encoding: 'zstd' | 'none';
}

export interface ScrapeAsk {
  readonly target: number;
  readonly at: Millis;
  readonly duration: Millis;
  readonly fetched: FetchedBody | NotFetched;
}

export interface ScrapeAnswer {
  readonly bodies: readonly WriteRequestBody[];
  readonly outcome: ScrapeOutcome;
  /** What the target says of its metrics; null: the same as before. */
  readonly families: ReadonlyMap<string, ScrapedFamily> | null;
}

export interface OtlpAsk {
  readonly body: Uint8Array;
  readonly encoding: BodyEncoding;
  readonly format: 'protobuf' | 'json';
  readonly now: Millis;
  readonly rules: OtlpRules;
}

export type OtlpAnswer =
  | {
      readonly ticket: number;
      /** Null: there is nothing to write. */
      readonly request: WriteRequestBody | null;
      readonly refused: ReadonlyMap<string, number>;
      readonly exemplars: number;
    }
  | { readonly error: 'bad' | 'too-large'; readonly message: string };

/** What the main thread asks of the intake thread, and what each call answers. */
export interface IntakeCalls {
  readonly open: { readonly ask: { readonly target: number; readonly rules: TargetRules }; readonly answer: null };
  readonly scrape: { readonly ask: ScrapeAsk; readonly answer: ScrapeAnswer };
  /** The target is forgotten; where there is a moment its series end then. */
  readonly close: {
    readonly ask: { readonly target: number; readonly at: Millis | null };
    readonly answer: readonly WriteRequestBody[];
  };
  readonly otlp: { readonly ask: OtlpAsk; readonly answer: OtlpAnswer };
  /** Whether what an `otlp` call with this ticket answered is stored; said of every one without an error. */
  readonly settle: { readonly ask: { readonly ticket: number; readonly isStored: boolean }; readonly answer: null };
}

export type IntakeCall = keyof IntakeCalls;

/** Decodes what comes in, whichever thread it does that in. It rejects only when that thread dies. */
export interface Decoder {
  ask<K extends IntakeCall>(call: K, ask: IntakeCalls[K]['ask']): Promise<IntakeCalls[K]['answer']>;
}

/** From the main thread to the intake thread. */
export type IntakeAsk = {
  readonly [K in IntakeCall]: { readonly id: number; readonly call: K; readonly ask: IntakeCalls[K]['ask'] };
}[IntakeCall];

/** From the intake thread to the main thread. */
export type IntakeTold =
  | { readonly id: number; readonly answer: IntakeCalls[IntakeCall]['answer'] }
  | { readonly id: number; readonly fault: string };
