import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { changePassword, sessionQuery } from '../../data/session.ts';
import type { Me } from '../../data/types.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import styles from './settings.module.css';

const LEAST = 10;

export function AccountPage() {
  const query = useQuery(sessionQuery);
  return (
    <Page title="My account">
      <Loaded query={query}>
        {({ me, version }) =>
          me !== null && (
            <>
              <Card>
                <Facts>
                  <Fact name="Name">{me.name}</Fact>
                  <Fact name="Role">{me.role}</Fact>
                  <Fact name="Teams">{me.teams.join(', ') || 'none'}</Fact>
                  <Fact name="Tocsin">{version}</Fact>
                  <Fact name="May" wide>
                    {me.may.join(', ')}
                  </Fact>
                </Facts>
              </Card>
              {me.kind === 'user' && <Password me={me} />}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Password({ me }: { readonly me: Me }) {
  const form = useForm({
    initialValues: { current: '', next: '', again: '' },
    validate: {
      current: (value) => (value === '' ? 'Your present password' : null),
      next: (value) => (value.length < LEAST ? `At least ${LEAST} characters` : null),
      again: (value, { next }) => (value === next ? null : 'Not the same as above'),
    },
  });
  const change = useMutation({
    mutationFn: () => changePassword(form.values.current, form.values.next),
    onSuccess: () => {
      form.reset();
      notifications.show({ message: 'Your password is changed.', color: 'verdigris' });
    },
  });
  return (
    <Card title="Change password">
      <form className={styles['form']} onSubmit={form.onSubmit(() => change.mutate())} noValidate>
        <input type="hidden" autoComplete="username" value={me.name} readOnly />
        {change.isError && <ErrorCallout error={change.error} />}
        <PasswordInput label="Present password" autoComplete="current-password" {...form.getInputProps('current')} />
        <PasswordInput
          label="New password"
          description={`At least ${LEAST} characters`}
          autoComplete="new-password"
          {...form.getInputProps('next')}
        />
        <PasswordInput label="New password again" autoComplete="new-password" {...form.getInputProps('again')} />
        <Button type="submit" loading={change.isPending} style={{ justifySelf: 'start' }}>
          Change password
        </Button>
      </form>
    </Card>
  );
}
