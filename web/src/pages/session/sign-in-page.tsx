import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { keys } from '../../data/keys.ts';
import { sessionQuery, signIn } from '../../data/session.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { SessionFrame } from './session-frame.tsx';
import styles from './session.module.css';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { to } = route.useSearch();
  const { data } = useQuery(sessionQuery);
  const queries = useQueryClient();
  const router = useRouter();
  const enter = useMutation({
    mutationFn: ({ name, password }: { name: string; password: string }) => signIn(name, password),
    onSuccess: async () => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      router.history.push(to ?? '/');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter.mutate({ name: String(form.get('name') ?? ''), password: String(form.get('password') ?? '') });
  };

  if (data?.needsSetup) {
    return (
      <SessionFrame
        title="Waiting for its administrator"
        text="When the server started for the first time it printed a one-time link in its terminal. Open that link here to create the administrator."
      />
    );
  }
  return (
    <SessionFrame title="Sign in">
      <form className={styles['form']} onSubmit={submit}>
        {enter.isError && <ErrorCallout error={enter.error} />}
        <TextInput
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          autoFocus
        />
        <PasswordInput label="Password" name="password" autoComplete="current-password" required withAsterisk={false} />
        <Button type="submit" fullWidth size="md" loading={enter.isPending}>
          Sign in
        </Button>
      </form>
    </SessionFrame>
  );
}
