import styles from './argv.module.css';
import { argumentParts } from './argv-parts.ts';

/** A command exactly as it runs: one box an argument, so that nobody mistakes a space inside an argument for one between two. */
export function Argv({ argv, label = 'Exact command' }: { readonly argv: readonly string[]; readonly label?: string }) {
  return (
    <ol className={styles['argv']} aria-label={label}>
      {argv.map((argument, position) => (
        <li key={`${position}:${argument}`} className={styles['argument']}>
          <Argument argument={argument} />
        </li>
      ))}
    </ol>
  );
}

function Argument({ argument }: { readonly argument: string }) {
  return argumentParts(argument).map((part, position) => {
    if (part.kind === 'text') return <bdi key={position}>{part.text}</bdi>;
    const named = part.text.startsWith('U+') || part.text === 'empty';
    return (
      <span
        key={position}
        className={named ? styles['named'] : styles['mark']}
        title={part.spoken.trim()}
        aria-label={part.spoken}
        role="img"
      >
        {part.text}
      </span>
    );
  });
}
