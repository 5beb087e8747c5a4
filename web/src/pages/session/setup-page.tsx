import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { linkPurpose, type LinkPurpose, redeemLink, sessionQuery } from '../../data/session.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { SessionFrame } from './session-frame.tsx';
import styles from './session.module.css';

const LEAST = 10;

/** Redeems a one-time link: `/setup#SECRET`. The secret leaves the address bar at once, and never reaches a server's log. */
export function SetupPage() {
  const [secret] = useState(() => decodeURIComponent(location.hash.slice(1)));
  useEffect(() => history.replaceState(history.state, '', location.pathname), []);
  const link = useQuery({
    queryKey: ['link', secret],
    queryFn: () => linkPurpose(secret),
    enabled: secret !== '',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchInterval: false,
  });
  if (secret === '' || link.isError) {
    return (
      <SessionFrame
        title="This link cannot be used"
        text="A one-time link works once and for a limited time. Ask your administrator for a new one."
      >
        <div className={styles['form']}>
          {link.isError && <ErrorCallout error={link.error} />}
          <LinkButton to="/sign-in" variant="default" fullWidth>
            To the sign-in
          </LinkButton>
        </div>
      </SessionFrame>
    );
  }
  if (link.data === undefined) return <SessionFrame title="One moment" text="Checking the link." />;
  return <SetupForm secret={secret} link={link.data} />;
}

function SetupForm({ secret, link }: { readonly secret: string; readonly link: LinkPurpose }) {
  const first = link.purpose === 'administrator';
  const queries = useQueryClient();
  const router = useRouter();
  const form = useForm({
    initialValues: { name: link.user ?? (first ? 'admin' : ''), password: '', again: '' },
    validate: {
      name: (name) => (first && !/^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/.test(name) ? 'Letters, digits, space and . _ @ - only' : null),
      password: (password) => (password.length < LEAST ? `At least ${LEAST} characters` : null),
      again: (again, { password }) => (again === password ? null : 'Not the same as above'),
    },
  });
  const redeem = useMutation({
    mutationFn: () => redeemLink(secret, first ? form.values.name : null, form.values.password),
    onSuccess: async () => {
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      router.history.replace('/');
    },
  });
  return (
    <SessionFrame
      title={first ? 'Create the administrator' : 'Choose your password'}
      text={
        first
          ? 'You will be able to do everything, and to invite others.'
          : `You sign in as ${link.user ?? ''}, with the role ${link.role}.`
      }
    >
      <form className={styles['form']} onSubmit={form.onSubmit(() => redeem.mutate())} noValidate>
        {redeem.isError && <ErrorCallout error={redeem.error} />}
        <TextInput
          label="Name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          readOnly={!first}
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label="Password"
          description={`At least ${LEAST} characters; a sentence is good`}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <PasswordInput label="Password again" autoComplete="new-password" {...form.getInputProps('again')} />
        <Button type="submit" fullWidth size="md" loading={redeem.isPending}>
          {first ? 'Create administrator' : 'Set password'}
        </Button>
      </form>
    </SessionFrame>
  );
}
