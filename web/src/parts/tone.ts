import styles from './tone.module.css';

/** What a colour says. It never says it alone: a shape and a word stand beside it. */
export type Tone = 'critical' | 'error' | 'warning' | 'notice' | 'unknown' | 'good' | 'accent' | 'quiet';

/** The class that sets `--tone` and `--tone-soft`. */
export function toneClass(tone: Tone): string {
  return styles[tone] ?? '';
}
