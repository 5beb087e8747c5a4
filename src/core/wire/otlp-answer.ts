import { encodeUtf8 } from './utf8.ts';

/** What a request for export got: points that were refused, and why; nothing of it is to be sent again. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** An `ExportMetricsServiceResponse` in protobuf; empty when all was taken. */
export function encodeOtlpAnswer({ rejected, message }: PartialSuccess): Uint8Array {
  if (rejected === 0 && message === '') return new Uint8Array(0);
  const inner = [...(rejected === 0 ? [] : [8, ...varint(rejected)]), ...textField(18, message)];
  return Uint8Array.from([10, ...varint(inner.length), ...inner]);
}

/** The same in OTLP's JSON. */
export function formatOtlpAnswer({ rejected, message }: PartialSuccess): string {
  if (rejected === 0 && message === '') return '{}';
  return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: message } });
}

/** A `google.rpc.Status` in protobuf: what an answer that is no success holds. */
export function encodeStatus(message: string): Uint8Array {
  return Uint8Array.from(textField(18, message));
}

function textField(tag: number, text: string): number[] {
  const bytes = encodeUtf8(text);
  return bytes.length === 0 ? [] : [tag, ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
