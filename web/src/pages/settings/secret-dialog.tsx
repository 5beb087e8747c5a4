import { Button, Group, Modal } from '@mantine/core';
import { Callout } from '../../parts/callout.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import styles from './settings.module.css';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** Shows a secret that cannot be shown again. A click beside the dialog does not close it. */
export function SecretDialog({ title, text, secret, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={false} size="lg">
      <div className={styles['secret']}>
        <Callout tone="warning" title="It is shown this once.">
          {text}
        </Callout>
        <code data-testid="secret">{secret}</code>
        <Group justify="flex-end" gap="xs">
          <CopyButton text={secret} label="Copy" />
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </div>
    </Modal>
  );
}
