import { hiddenParts } from '../../../src/core/actions/argument-parts.ts';
import styles from './code-text.module.css';
import { Part } from './argv.tsx';

interface Props {
  readonly text: string;
  /** What it is, for those who do not see it. */
  readonly label: string;
}

/** A text as it is, line by line with numbers; what would hide in it or turn its direction is named. Long ones scroll. */
export function CodeText({ text, label }: Props) {
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <section className={styles['box']} aria-label={label} tabIndex={0}>
      <ol className={styles['lines']}>
        {lines.map((line, index) => (
          <li key={index}>
            <code>
              {hiddenParts(line).map((part, position) => (
                <Part key={position} part={part} />
              ))}
            </code>
          </li>
        ))}
      </ol>
    </section>
  );
}
