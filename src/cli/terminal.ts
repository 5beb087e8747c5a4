import type { Millis } from '../core/base/time.ts';

interface Output {
  write(text: string | Uint8Array): unknown;
}

/** What a command sees of the place where it was typed. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether a person looks at stdout, not a file or another program. */
  readonly isScreen: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Millis;
  readonly wait: (length: Millis) => Promise<void>;
  readonly uniqueId: () => string;
  /** Ctrl-C. */
  readonly interrupt: AbortSignal;
}
