import { Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { holdSamples } from '../../data/holds.ts';
import { keys } from '../../data/keys.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import styles from './storage.module.css';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Asks which samples may not be deleted, and why. */
export function HoldDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: '', match: '', from: '', to: '', reason: '' },
    validate: {
      name: (name) => (NAME.test(name.trim()) ? null : 'Letters, digits and . _ - only'),
      match: (match) => (match.trim() === '' ? 'Which series?' : null),
      reason: (reason) => (reason.trim() === '' ? 'Why? It stays in the audit log.' : null),
      to: (to, { from }) => (to !== '' && from !== '' && to < from ? 'Before the first day' : null),
    },
  });
  const { values } = form;
  const deed = useMutation({
    mutationFn: () =>
      holdSamples({
        name: values.name.trim(),
        match: [values.match.trim()],
        start: midnightOf(values.from),
        end: midnightOf(values.to),
        reason: values.reason.trim(),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.seriesStatus });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Hold samples">
      <form onSubmit={form.onSubmit(() => deed.mutate())} className={styles['form']} noValidate>
        <TextInput
          label="Name"
          description="Of the case, for example"
          autoComplete="off"
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Series"
          description="A selector"
          placeholder={'{job="payments"}'}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('match')}
        />
        <Group grow gap="sm" align="start">
          <TextInput type="date" label="From (UTC)" {...form.getInputProps('from')} />
          <TextInput type="date" label="To (UTC)" {...form.getInputProps('to')} />
        </Group>
        <Textarea label="Reason" maxLength={1000} {...form.getInputProps('reason')} />
        <p className={styles['hint']}>
          Neither age nor the limit of bytes nor a deletion takes them until the hold is lifted. Whole blocks of these days are kept.
          Without a day it is about all samples, also those to come.
        </p>
        {deed.isError && <ErrorCallout error={deed.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={deed.isPending}>
            Hold them
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function midnightOf(day: string): number | null {
  return day === '' ? null : Date.parse(`${day}T00:00:00Z`);
}
