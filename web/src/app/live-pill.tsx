import { useLiveState } from './live-context.ts';
import styles from './live-pill.module.css';

const WORDS = { live: 'Live', connecting: 'Connecting', lost: 'Offline' } as const;
const MEANINGS = {
  live: 'Changes appear by themselves.',
  connecting: 'Connecting to the stream of changes.',
  lost: 'The connection is lost: what you see may be old.',
} as const;

/** Whether the page is live. */
export function LivePill() {
  const { state } = useLiveState();
  return (
    <span
      className={styles['pill']}
      data-state={state}
      title={MEANINGS[state]}
      role="status"
      aria-label={`${WORDS[state]}. ${MEANINGS[state]}`}
    >
      <span className={styles['dot']} aria-hidden />
      {WORDS[state]}
    </span>
  );
}
