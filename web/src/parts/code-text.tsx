import { hiddenParts } from '../../../src/core/actions/argument-parts.ts';
import styles from './code-text.module.css';
import { Piece } from './argv.tsx';

interface Props {
  readonly text: string;
  /** What it is, for those who do not see it. */
  readonly label: string;
}

/**
 * A text as it is, line by line with numbers; what would hide in it or turn its direction is named. Long lines wrap, so that
 * nothing stands outside the frame; long texts scroll.
 */
export function CodeText({ text, label }: Props) {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <section className={styles['box']} aria-label={label} tabIndex={0}>
      <ol className={styles['lines']}>
        {lines.map((line, index) => (
          <li key={index}>
            <code>
              <PlainText text={line} />
            </code>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** One line as it is, with a name for whatever does not show. */
export function PlainText({ text }: { readonly text: string }) {
  return hiddenParts(text).map((part, position) => <Piece key={position} part={part} />);
}
