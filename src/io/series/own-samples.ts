import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import type { OwnSample } from './messages.ts';

/** The product's own samples as the body of a remote-write 1.0 request. */
export function encodeOwnSamples(samples: readonly OwnSample[]): Uint8Array {
  return encodeWriteRequest(samples.map(({ labels, value, at }) => ({ labels, samples: [{ at: Math.round(at), value }] })));
}
