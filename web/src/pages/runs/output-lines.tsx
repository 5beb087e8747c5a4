import { VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { parseAnsi } from './ansi.ts';
import { cutMatches } from './find.ts';
import type { OutputLine } from './output-log.ts';
import styles from './output-view.module.css';

interface Props {
  readonly line: OutputLine;
  readonly words: string;
}

/** One line of output with its colours, and what was searched for marked in it. */
export const LineText = memo(({ line, words }: Props) => (
  <>
    <span className={styles['number']} aria-hidden>
      {line.number}
    </span>
    {line.stream !== 'stdout' && <VisuallyHidden>{line.stream === 'stderr' ? 'error output: ' : 'note: '}</VisuallyHidden>}
    <span className={styles['text']}>
      {parseAnsi(line.style, line.text).map((span, index) => (
        <span
          key={index}
          className={span.classes}
          {...((span.color !== null || span.background !== null) && {
            style: { ...(span.color !== null && { color: span.color }), ...(span.background !== null && { background: span.background }) },
          })}
        >
          {cutMatches(span.text, words).map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece))}
        </span>
      ))}
    </span>
  </>
));
LineText.displayName = 'LineText';
