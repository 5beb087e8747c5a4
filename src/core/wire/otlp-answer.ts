import { ProtoOutput } from './proto-output.ts';
import { encodeUtf8 } from './utf8.ts';

/** What a request for export got: points that were refused, and why; nothing of it is to be sent again. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** An `ExportMetricsServiceResponse` in protobuf; empty when all was taken. */
export function encodeOtlpAnswer({ rejected, message }: PartialSuccess): Uint8Array {
  if (rejected === 0 && message === '') return new Uint8Array(0);
  const out = new ProtoOutput();
  out.message(1, (inner) => {
    inner.int(1, rejected);
    if (message !== '') inner.bytesField(2, encodeUtf8(message));
  });
  return out.finish();
}

/** The same in OTLP's JSON. */
export function formatOtlpAnswer({ rejected, message }: PartialSuccess): string {
  if (rejected === 0 && message === '') return '{}';
  return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: message } });
}

/** A `google.rpc.Status` in protobuf: what an answer that is no success holds. */
export function encodeStatus(message: string): Uint8Array {
  const out = new ProtoOutput();
  if (message !== '') out.bytesField(2, encodeUtf8(message));
  return out.finish();
}
