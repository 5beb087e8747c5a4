import type { Readable } from 'node:stream';

/** An OTLP body as it came. */
export interface OtlpBody {
  readonly body: Uint8Array;
  readonly encoding: string | undefined;
  readonly format: 'protobuf' | 'json';
  readonly source: string;
}

/** What became of an OTLP request. What was rejected must not be sent again; after `unavailable` everything must. */
export type OtlpOutcome =
  | { readonly rejected: number; readonly message: string }
  | { readonly error: 'bad' | 'too-large' | 'unsupported' | 'unavailable'; readonly message: string };

/** What became of imported lines. Those before an error are stored. */
export interface ImportOutcome {
  readonly lines: number;
  readonly samples: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly badLines: number;
  readonly problems: readonly string[];
  readonly error: 'unsupported' | 'bad' | 'unavailable' | null;
}

/** Ways in for samples besides remote write. */
export interface IntakePart {
  otlp(request: OtlpBody): Promise<OtlpOutcome>;
  importLines(body: Readable, encoding: string | undefined, source: string): Promise<ImportOutcome>;
}
