import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ErrorCallout } from './callout.tsx';

interface Props {
  readonly title: string;
  /** What the button says: the deed itself. */
  readonly confirm: string;
  readonly danger?: boolean;
  readonly onConfirm: (comment: string) => Promise<unknown>;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Asks for an optional comment before a deed that is recorded. Mount it to open it. */
export function CommentDialog({ title, confirm, danger = false, onConfirm, onClose, children }: Props) {
  const [comment, setComment] = useState('');
  const deed = useMutation({ mutationFn: () => onConfirm(comment), onSuccess: onClose });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    deed.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        {children}
        <Textarea
          label="Comment"
          description="Optional. It stays in the record."
          value={comment}
          maxLength={4000}
          onChange={(event) => setComment(event.currentTarget.value)}
          data-autofocus
        />
        {deed.isError && <ErrorCallout error={deed.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={deed.isPending} {...(danger && { color: 'red.8' })}>
            {confirm}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
