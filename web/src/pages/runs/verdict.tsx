import { Link } from '@tanstack/react-router';
import type { Run } from '../../data/types.ts';
import { formatLength } from '../../parts/format.ts';
import { runStateLook, verdictLook } from '../../parts/run-state.tsx';
import { toneClass } from '../../parts/tone.ts';
import styles from './verdict.module.css';

/** What became of it, big: whether it helped where that can be known, else how it ended. */
export function Verdict({ run }: { readonly run: Run }) {
  if (run.verification === null && !run.final) return null;
  const look = run.verification === null ? runStateLook(run.state) : verdictLook(run.verification);
  const waiting = run.verification === 'waiting';
  return (
    <section className={`${styles['verdict']} ${toneClass(look.tone)}`} aria-label="Verdict" role="status">
      <span className={styles['mark']} {...(waiting && { 'data-waiting': '' })}>
        <look.Icon size={30} stroke={1.9} aria-hidden />
      </span>
      <div>
        <div className={styles['word']}>{look.word}</div>
        <p className={styles['text']}>
          <Words run={run} />
        </p>
      </div>
    </section>
  );
}

function Words({ run }: { readonly run: Run }) {
  const alert = run.alert !== null && (
    <Link to="/alerts/$id" params={{ id: run.alert }}>
      the alert
    </Link>
  );
  const ended = run.durationMs === null ? '' : ` after ${formatLength(run.durationMs)}`;
  switch (run.verification) {
    case 'fixed':
      return <>It ran, and {alert || 'the alert'} cleared.</>;
    case 'not fixed':
      return (
        <>
          It ended{ended}, but {alert || 'the alert'} still fires. Whoever is on call is told.
        </>
      );
    case 'made worse':
      return <>After it, {alert || 'the alert'} is more severe than before. Whoever is on call is told.</>;
    case 'waiting':
      return (
        <>
          It ended{ended}. Now Tocsin waits for {alert || 'the alert'} to clear.
        </>
      );
    case null:
      return run.reason === '' ? <>It ended{ended}.</> : <>{run.reason}</>;
  }
}
