import type { HttpOrder } from './http-call.ts';
import type { Millis } from '../base/time.ts';

/** What an agent is told to do. It starts an order at most once, however often it is delivered, and refuses older fences. */
export type Order =
  | {
      readonly type: 'run';
      readonly run: string;
      readonly fence: number;
      readonly action: string;
      readonly argv: readonly string[];
      /** The element `at` of argv stands for a file with this content; `sha256` is of its UTF-8, in hex. */
      readonly script: { readonly at: number; readonly content: string; readonly sha256: string } | null;
      /** Sent by the agent instead of starting a program. */
      readonly http: HttpOrder | null;
      /** The user whose rights the process has; null: those of the agent. */
      readonly runAs: string | null;
      readonly env: Readonly<Record<string, string>>;
      /** Texts to mask in the output. */
      readonly secrets: readonly string[];
      readonly timeout: Millis;
      readonly outputLimitBytes: number;
      /** Of all its processes together; null: what the agent allows. */
      readonly memoryLimitBytes: number | null;
      readonly collect: readonly string[];
    }
  | { readonly type: 'cancel'; readonly run: string };
