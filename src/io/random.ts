import { randomBytes } from 'node:crypto';

/** Chance, as a parameter. */
export interface Random {
  /** A fresh identifier that nobody can guess; later ones sort after earlier ones of the same process. */
  id(): string;
  /** Uniform in [0, 1): jitter only, never a decision. */
  fraction(): number;
  /** Unguessable bytes as lower-case hex, two digits a byte: for secrets. */
  secret(lengthBytes: number): string;
}

export const systemRandom: Random = {
  id: () => formatId(nextTick(Date.now()), randomBytes(8)),
  fraction: () => Math.random(),
  secret: (lengthBytes) => randomBytes(lengthBytes).toString('hex'),
};

interface Tick {
  readonly at: number;
  readonly count: number;
}
const COUNTS = 0x1000;
let last: Tick = { at: 0, count: 0 };

/** The moment, and a count within it; when the clock was set back or the counts are used up, the count goes on from the last moment. */
function nextTick(now: number): Tick {
  if (now > last.at) last = { at: now, count: 0 };
  else if (last.count + 1 < COUNTS) last = { at: last.at, count: last.count + 1 };
  else last = { at: last.at + 1, count: 0 };
  return last;
}

/** A version-7 UUID (RFC 9562): 48 bits of milliseconds, 12 bits of count, 62 random bits. */
function formatId(tick: Tick, random: Buffer): string {
  const time = tick.at.toString(16).padStart(12, '0');
  const count = tick.count.toString(16).padStart(3, '0');
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const tail = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
