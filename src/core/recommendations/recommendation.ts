import type { Millis } from '../base/time.ts';
import type { Source } from '../rules/rule.ts';

/** Instructions, documents and a responsible person for an alert that no action can fix: what the configuration defines. */
export interface Recommendation {
  readonly name: string;
  readonly title: string;
  /** `team:storage`, `user:alice` or free text. */
  readonly responsible: string;
  readonly contact: string;
  /** Markdown from people: shown only through the sanitizer. */
  readonly instructions: string;
  readonly documents: readonly Document[];
  readonly source: Source;
}

/** A file to download, read from beside the configuration. */
export interface Document {
  readonly name: string;
  readonly path: string;
}

/** A recommendation shown for one alert, and what people made of it. */
export interface Advice {
  readonly id: string;
  readonly recommendation: string;
  readonly trigger: string;
  readonly alert: string;
  readonly state: 'active' | 'acknowledged' | 'helped' | 'did not help' | 'over';
  readonly by: string | null;
  readonly comment: string;
  readonly openedAt: Millis;
  readonly closedAt: Millis | null;
}

/** One line: what to do, who is responsible, how to reach them. */
export function describeRecommendation({ title, responsible, contact }: Recommendation): string {
  const who = [responsible, contact].filter((part) => part !== '').join(', ');
  return who === '' ? title : `${title} (${who})`;
}
