import { Button, Checkbox, Group, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createToken } from '../../data/access.ts';
import { actionsQuery } from '../../data/actions.ts';
import { keys } from '../../data/keys.ts';
import type { TokenRole } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';

interface Props {
  readonly onClose: () => void;
  readonly onCreated: (name: string, secret: string) => void;
}

const ROLES: { value: TokenRole; label: string }[] = [
  { value: 'agent', label: 'Agent: speaks for one machine' },
  { value: 'ingest', label: 'Ingest: sends samples and alerts' },
  { value: 'viewer', label: 'Viewer: reads' },
  { value: 'operator', label: 'Operator: also runs, approves, acknowledges' },
  { value: 'admin', label: 'Administrator: everything' },
];
const DAY = 86_400_000;
const LENGTHS = [
  { value: '0', label: 'Never' },
  { value: String(30 * DAY), label: 'In 30 days' },
  { value: String(90 * DAY), label: 'In 90 days' },
  { value: String(365 * DAY), label: 'In a year' },
];

interface Values {
  name: string;
  role: TokenRole;
  expires: string;
  bound: boolean;
  actions: string[];
}

export function TokenDialog({ onClose, onCreated }: Props) {
  const queries = useQueryClient();
  const form = useForm<Values>({
    initialValues: { name: '', role: 'agent', expires: '0', bound: false, actions: [] },
    validate: { name: (name) => (/^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/.test(name.trim()) ? null : 'Letters, digits, space and . _ @ - only') },
  });
  const { values } = form;
  const mayRun = values.role === 'operator' || values.role === 'admin';
  const create = useMutation({
    mutationFn: () =>
      createToken({
        name: values.name.trim(),
        role: values.role,
        actions: mayRun && values.bound ? values.actions : null,
        expiresInMs: values.expires === '0' ? null : Number(values.expires),
      }),
    onSuccess: ({ token, secret }) => {
      void queries.invalidateQueries({ queryKey: keys.tokens });
      onCreated(token.name, secret);
    },
  });
  return (
    <Modal opened onClose={onClose} title="Create a token">
      <form onSubmit={form.onSubmit(() => create.mutate())} style={{ display: 'grid', gap: 16 }} noValidate>
        <TextInput
          label="Name"
          description="What or who uses it"
          autoComplete="off"
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <NativeSelect label="Role" data={ROLES} {...form.getInputProps('role')} />
        <NativeSelect label="Expires" data={LENGTHS} {...form.getInputProps('expires')} />
        {mayRun && (
          <Checkbox label="It may only run certain actions, and nothing else" {...form.getInputProps('bound', { type: 'checkbox' })} />
        )}
        {mayRun && values.bound && <ActionChoice value={values.actions} onChange={(actions) => form.setFieldValue('actions', actions)} />}
        {create.isError && <ErrorCallout error={create.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create token
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function ActionChoice({ value, onChange }: { readonly value: readonly string[]; readonly onChange: (actions: string[]) => void }) {
  const { data } = useQuery(actionsQuery);
  return (
    <fieldset style={{ display: 'grid', gap: 8, maxHeight: 200, overflowY: 'auto', border: 0, margin: 0, padding: '0 0 0 28px' }}>
      {(data?.items ?? []).map(({ name }) => (
        <Checkbox
          key={name}
          label={name}
          checked={value.includes(name)}
          onChange={(event) => onChange(event.currentTarget.checked ? [...value, name] : value.filter((other) => other !== name))}
        />
      ))}
    </fieldset>
  );
}
