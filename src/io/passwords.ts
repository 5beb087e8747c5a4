import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from 'node:crypto';

/** Above OWASP's minimum for argon2id (19 MiB, two passes, one lane). */
const MEMORY_KIB = 32 * 1024;
const PASSES = 3;
const LANES = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** What a stored hash may ask for at most, so that a forged one cannot exhaust the machine. */
const MOST_MEMORY_KIB = 256 * 1024;
const MOST_PASSES = 16;
/** Hashes computed at once; more wait. Each takes MEMORY_KIB. */
const AT_ONCE = 2;

interface Hash {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** argon2id (RFC 9106) with a fresh salt, in the PHC text form. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await compute(password, { memory: MEMORY_KIB, passes: PASSES, lanes: LANES, salt, tag: Buffer.alloc(TAG_BYTES) });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Compares in constant time; a text that is no hash of ours fits no password. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const hash = parseHash(stored);
  if (hash === null) return false;
  return timingSafeEqual(await compute(password, hash), hash.tag);
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

function parseHash(text: string): Hash | null {
  const [, memory, passes, lanes, salt, tag] = PHC.exec(text) ?? [];
  if (salt === undefined || tag === undefined) return null;
  const hash = {
    memory: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  const fits =
    hash.lanes >= 1 && hash.memory >= 8 * hash.lanes && hash.memory <= MOST_MEMORY_KIB && hash.passes >= 1 && hash.passes <= MOST_PASSES;
  return fits ? hash : null;
}

const waiting: (() => void)[] = [];
let running = 0;

async function compute(password: string, hash: Hash): Promise<Buffer> {
  if (running < AT_ONCE) running += 1;
  // Whoever ends hands its place over.
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    const { memory, passes, lanes, salt, tag } = hash;
    const parameters: Argon2Parameters = {
      message: password.normalize('NFC'),
      nonce: salt,
      parallelism: lanes,
      tagLength: tag.length,
      memory,
      passes,
    };
    return await new Promise<Buffer>((resolve, reject) => {
      argon2('argon2id', parameters, (error, derived) => (error === null ? resolve(derived) : reject(error)));
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
