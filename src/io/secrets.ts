import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { type Actor, SYSTEM } from '../core/access/actor.ts';
import type { Millis } from '../core/base/time.ts';
import type { SecretRef } from '../core/config/secret-ref.ts';
import type { SecretBoxes, SecretName } from './db/secrets.ts';
import { fileErrorCode, systemFiles } from './files.ts';

export interface SecretsOptions {
  /** Holds `secrets.key`, made at the first start unless a key is given. */
  readonly folder: string;
  readonly boxes: SecretBoxes;
  /** The master key, 32 bytes as hex or base64, or any long text; null: from the key file. */
  readonly key: string | null;
  readonly keyFile: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Millis;
}

export interface Secrets {
  /** The value, null when there is none of this name. */
  reveal(name: string): Promise<string | null>;
  put(name: string, value: string, who: Actor): Promise<void>;
  remove(name: string, who: Actor): Promise<boolean>;
  list(): Promise<readonly SecretName[]>;
  /** The text that a configuration refers to; throws with a reason fit to be shown. */
  resolve(secret: SecretRef): Promise<string>;
  /** HMAC-SHA256 in base64url, under a key derived from the master key (RFC 5869) that serves links and nothing else. */
  signLink(text: string): string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SHORTEST_KEY = 32;
const FILE_LIMIT = 64 * 1024;
/** A value under this name tells at the next start whether the key still fits. */
const PROBE = 'tocsin-key-probe';

/** Opens the encrypted secrets. Throws when the key does not fit what is kept, or when encryption does not work. */
export async function openSecrets(options: SecretsOptions): Promise<Secrets> {
  const { boxes, now } = options;
  const key = await loadKey(options);
  testCipher(key);
  const linkKey = Buffer.from(hkdfSync('sha256', key, '', 'tocsin decision link', 32));
  const note = (who: Actor, why: string, name: string) => ({ at: now(), who, why, about: [`secret/${name}`] });
  const reveal = async (name: string): Promise<string | null> => {
    const box = name === PROBE ? null : await boxes.loadBox(name);
    return box === null ? null : openBox(key, name, box);
  };
  const probe = await boxes.loadBox(PROBE);
  if (probe === null) await boxes.putBox(PROBE, sealBox(key, PROBE, 'fits'), note(SYSTEM, 'took this key for secrets', PROBE));
  else if (openBox(key, PROBE, probe) !== 'fits') throw new Error('the key does not fit the secrets that are kept');
  return {
    reveal,
    put: async (name, value, who) => {
      if (name === PROBE) throw new Error(`${PROBE} is not a name for a secret`);
      await boxes.putBox(name, sealBox(key, name, value), note(who, `secret ${name} set`, name));
    },
    remove: async (name, who) => name !== PROBE && (await boxes.removeBox(name, note(who, `secret ${name} removed`, name))),
    list: async () => (await boxes.listBoxes()).filter(({ name }) => name !== PROBE),
    resolve: (secret) => resolveSecret(secret, options.env, reveal),
    signLink: (text) => createHmac('sha256', linkKey).update(text).digest('base64url'),
  };
}

async function resolveSecret(
  secret: SecretRef,
  env: SecretsOptions['env'],
  reveal: (name: string) => Promise<string | null>,
): Promise<string> {
  switch (secret.kind) {
    case 'literal':
      return secret.value;
    case 'secret':
      return (await reveal(secret.name)) ?? missing(`there is no secret ${secret.name}: set it first`);
    case 'env':
      return env[secret.name] ?? missing(`the environment variable ${secret.name} is not set`);
    case 'file':
      return (await readSecretFile(secret.name)).replace(/\r?\n$/, '');
  }
}

function missing(reason: string): never {
  throw new Error(reason);
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return await systemFiles.readText(path, FILE_LIMIT);
  } catch (error) {
    throw new Error(`the secret in the file ${path} cannot be read: ${fileErrorCode(error) ?? String(error)}`, { cause: error });
  }
}

async function loadKey({ folder, key, keyFile }: SecretsOptions): Promise<Buffer> {
  if (key !== null) return deriveKey(key);
  if (keyFile !== null) return deriveKey((await readSecretFile(keyFile)).trim());
  const path = join(folder, 'secrets.key');
  if ((await systemFiles.state(path)) === null) await systemFiles.writeWhole(path, Buffer.from(`${randomBytes(32).toString('hex')}\n`));
  // A restored copy may have come with another mode.
  await chmod(path, 0o600);
  return deriveKey((await readSecretFile(path)).trim());
}

function deriveKey(text: string): Buffer {
  if (text.length < SHORTEST_KEY) throw new Error(`the master key is shorter than ${SHORTEST_KEY} characters`);
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : createHash('sha256').update(text).digest();
}

/** Nonce, tag and ciphertext; the name is authenticated, so that boxes cannot be swapped. */
function sealBox(key: Buffer, name: string, value: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function openBox(key: Buffer, name: string, box: string): string {
  const bytes = Buffer.from(box, 'base64');
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new Error('the key does not fit the secrets that are kept: give the right TOCSIN_MASTER_KEY or secrets.key');
  }
}

/** Encryption that silently does nothing has happened elsewhere: refuse to run with it. */
function testCipher(key: Buffer): void {
  const box = sealBox(key, 'test', 'plaintext');
  const plain = Buffer.from(box, 'base64').includes('plaintext');
  if (plain || openBox(key, 'test', box) !== 'plaintext') throw new Error('encryption of secrets does not work on this machine');
}
