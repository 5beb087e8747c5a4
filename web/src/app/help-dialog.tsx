import { Modal } from '@mantine/core';
import { DESTINATIONS } from './navigation.ts';
import styles from './help-dialog.module.css';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['/'], 'Search on this page'],
  [['?'], 'This help'],
  [['Esc'], 'Close a dialog'],
  ...DESTINATIONS.map(({ key, label }): [string[], string] => [['g', key], label]),
];

const OUTPUT: readonly (readonly [readonly string[], string])[] = [
  [['f'], 'Follow the end of the output, or pause'],
  [['w'], 'Wrap long lines'],
  [['Enter'], 'In its search: next match, with Shift the one before'],
];

const EXPLORE: readonly (readonly [readonly string[], string])[] = [
  [['Ctrl', 'Enter'], 'Run the queries; Shift and Enter too'],
  [['Ctrl', 'Space'], 'What can be typed here'],
];

export function HelpDialog({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" size="md">
      <KeyList entries={KEYS} />
      <h3 className={styles['title']}>On the page of a run</h3>
      <KeyList entries={OUTPUT} />
      <h3 className={styles['title']}>On Explore</h3>
      <KeyList entries={EXPLORE} />
      <h3 className={styles['title']}>On charts</h3>
      <p className={styles['text']}>
        Drag to zoom, also with a finger; double-click or tap twice to go back. Click a name to hide or show its line, with Ctrl to see it
        alone; on Explore it is the other way round.
      </p>
    </Modal>
  );
}

function KeyList({ entries }: { readonly entries: readonly (readonly [readonly string[], string])[] }) {
  return (
    <dl className={styles['keys']}>
      {entries.map(([keys, meaning]) => (
        <div key={keys.join(' ')}>
          <dt>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
