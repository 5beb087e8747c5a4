import { Button, Group, Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changeUser } from '../../data/access.ts';
import { keys } from '../../data/keys.ts';
import type { User } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { EmailField, whyNoAddress } from './email-field.tsx';

/** Sets, changes or removes where mail reaches a person. */
export function EmailDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const form = useForm<{ email: string }>({ initialValues: { email: user.email ?? '' }, validate: { email: whyNoAddress } });
  const save = useMutation({
    mutationFn: () => changeUser(user.name, { email: form.values.email.trim() || null }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.users });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Email of ${user.name}`}>
      <form onSubmit={form.onSubmit(() => save.mutate())} style={{ display: 'grid', gap: 16 }} noValidate>
        <EmailField data-autofocus {...form.getInputProps('email')} />
        {save.isError && <ErrorCallout error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
