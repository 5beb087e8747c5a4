import styles from './argv.module.css';
import { type ArgumentPart, argumentParts } from '../../../src/core/actions/argument-parts.ts';

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
  return argumentParts(argument).map((part, position) => <Piece key={position} part={part} />);
}

/** Text as it stands, or the name of what would not be seen. */
export function Piece({ part }: { readonly part: ArgumentPart }) {
  if (part.kind === 'text') return <bdi>{part.text}</bdi>;
  const isNamed = part.text.startsWith('U+') || part.text === 'empty';
  return (
    <span className={isNamed ? styles['named'] : styles['mark']} title={part.spoken.trim()} aria-label={part.spoken} role="img">
      {part.text}
    </span>
  );
}
