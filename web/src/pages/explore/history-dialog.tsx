import { Button, Modal } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { Empty } from '../../parts/empty.tsx';
import { Ago } from '../../parts/time.tsx';
import styles from './explore.module.css';
import type { Remembered } from './history.ts';

interface Props {
  readonly opened: boolean;
  readonly entries: readonly Remembered[];
  readonly onClose: () => void;
  readonly onChoose: (expr: string) => void;
  readonly onForget: () => void;
}

/** The queries that were asked in this browser, newest first; a click asks one again. */
export function HistoryDialog({ opened, entries, onClose, onChoose, onForget }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Asked before" size="lg">
      {entries.length === 0 ? (
        <Empty Icon={IconHistory} title="Nothing was asked yet">
          The last fifty queries stay here, in this browser only.
        </Empty>
      ) : (
        <>
          <ul className={styles['history']}>
            {entries.map(({ expr, at }) => (
              <li key={expr}>
                <button type="button" onClick={() => onChoose(expr)}>
                  <code>{expr}</code>
                  <span>
                    <Ago at={at} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <div className={styles['more']}>
            <Button variant="default" size="xs" onClick={onForget}>
              Forget them
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}
