import type { ReactNode } from 'react';
import styles from './badge.module.css';
import { type Tone, toneClass } from './tone.ts';

interface Props {
  readonly tone: Tone;
  readonly mark?: ReactNode;
  readonly children: ReactNode;
  /** Without the coloured ground. */
  readonly plain?: true | undefined;
}

/** A state: shape, word and colour together. */
export function Badge({ tone, mark, children, plain }: Props) {
  return (
    <span className={`${styles['badge']} ${toneClass(tone)} ${plain ? styles['plain'] : ''}`}>
      {mark}
      {children}
    </span>
  );
}
