import { Button, Group, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { inviteUser } from '../../data/access.ts';
import { keys } from '../../data/keys.ts';
import type { Role } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { EmailField, whyNoAddress } from './email-field.tsx';

interface Props {
  readonly onClose: () => void;
  readonly onInvited: (name: string, link: string) => void;
}

const ROLES: { value: Role; label: string }[] = [
  { value: 'viewer', label: 'Viewer: sees everything, changes nothing' },
  { value: 'operator', label: 'Operator: also runs, approves, acknowledges' },
  { value: 'admin', label: 'Administrator: also manages people and tokens' },
];

export function InviteDialog({ onClose, onInvited }: Props) {
  const queries = useQueryClient();
  const form = useForm<{ name: string; role: Role; email: string }>({
    initialValues: { name: '', role: 'operator', email: '' },
    validate: {
      name: (name) => (/^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/.test(name.trim()) ? null : 'Letters, digits, space and . _ @ - only'),
      email: whyNoAddress,
    },
  });
  const invite = useMutation({
    mutationFn: () => inviteUser(form.values.name.trim(), form.values.role, form.values.email.trim() || null),
    onSuccess: ({ user, link }) => {
      void queries.invalidateQueries({ queryKey: keys.users });
      onInvited(user.name, link);
    },
  });
  return (
    <Modal opened onClose={onClose} title="Invite a person">
      <form onSubmit={form.onSubmit(() => invite.mutate())} style={{ display: 'grid', gap: 16 }} noValidate>
        <TextInput label="Name" autoComplete="off" maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <NativeSelect label="Role" data={ROLES} {...form.getInputProps('role')} />
        <EmailField {...form.getInputProps('email')} />
        {invite.isError && <ErrorCallout error={invite.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Create link
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
