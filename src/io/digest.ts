import { createHash, randomBytes } from 'node:crypto';

/** SHA-256 of a text's UTF-8 bytes, lower-case hex: under it tokens, sessions and links are kept. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** 256 unguessable bits as text that may stand in a URL. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
