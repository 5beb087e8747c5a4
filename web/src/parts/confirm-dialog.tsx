import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorCallout } from './callout.tsx';

interface Props {
  readonly title: string;
  readonly confirm: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Asks before a deed that cannot be undone. Mount it to open it. */
export function ConfirmDialog({ title, confirm, onConfirm, onClose, children }: Props) {
  const deed = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title}>
      <div style={{ display: 'grid', gap: 16 }}>
        <p style={{ margin: 0 }}>{children}</p>
        {deed.isError && <ErrorCallout error={deed.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Back
          </Button>
          <Button color="red.8" loading={deed.isPending} onClick={() => deed.mutate()}>
            {confirm}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
