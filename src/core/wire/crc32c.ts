/** The polynomial of Castagnoli, its bits mirrored. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
  return value;
});

/** The CRC-32C of bytes (RFC 3720, B.4), from 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  let value = -1;
  for (let i = 0; i < bytes.length; i += 1) value = (TABLE[(value ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ -1) >>> 0;
}
