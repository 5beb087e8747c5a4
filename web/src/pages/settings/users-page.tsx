import { Button, NativeSelect } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLink, IconMail, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeUser, freshLink, usersQuery } from '../../data/access.ts';
import { messageOf } from '../../data/error.ts';
import { keys } from '../../data/keys.ts';
import { sessionQuery } from '../../data/session.ts';
import type { Role, User } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Tone } from '../../parts/tone.ts';
import { EmailDialog } from './email-dialog.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import styles from './settings.module.css';

const STATES: Readonly<Record<User['state'], readonly [Tone, string]>> = {
  invited: ['notice', 'Invited'],
  active: ['good', 'Active'],
  locked: ['warning', 'Locked'],
  disabled: ['quiet', 'Disabled'],
};

export function UsersPage() {
  const query = useQuery(usersQuery);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<{ readonly name: string; readonly url: string } | null>(null);
  return (
    <Page
      title="Users"
      subtitle="People who can sign in, and what they may do at most."
      actions={
        <Button leftSection={<IconUserPlus size={17} aria-hidden />} onClick={() => setInviting(true)}>
          Invite
        </Button>
      }
    >
      <Card flush>
        <Loaded query={query} skeleton={<Rows count={3} />}>
          {({ items }) => (
            <ul className={styles['list']}>
              {items.map((user) => (
                <li key={user.name}>
                  <UserRow user={user} onLink={(url) => setLink({ name: user.name, url })} />
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={(name, url) => {
            setInviting(false);
            setLink({ name, url });
          }}
        />
      )}
      {link !== null && (
        <SecretDialog
          title={`One-time link for ${link.name}`}
          text="Give it to the person on a safe way. It lets them choose their password, once."
          secret={link.url}
          onClose={() => setLink(null)}
        />
      )}
    </Page>
  );
}

function UserRow({ user, onLink }: { readonly user: User; readonly onLink: (url: string) => void }) {
  const [tone, word] = STATES[user.state];
  return (
    <>
      <div className={styles['grow']}>
        <div className={styles['name']}>{user.name}</div>
        <div className={styles['meta']}>
          {user.email !== null && <span>{user.email}</span>}
          {user.teams.length > 0 && <span>{user.teams.join(', ')}</span>}
          <span>
            {user.lastLoginAt === null ? (
              'never signed in'
            ) : (
              <>
                signed in <Ago at={user.lastLoginAt} />
              </>
            )}
          </span>
          {user.file !== null && (
            <span>
              defined in {user.file}:{user.line}
            </span>
          )}
        </div>
      </div>
      <Badge tone={tone}>{word}</Badge>
      <UserDeeds user={user} onLink={onLink} />
    </>
  );
}

function UserDeeds({ user, onLink }: { readonly user: User; readonly onLink: (url: string) => void }) {
  const queries = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const failed = (error: Error): unknown => notifications.show({ message: messageOf(error), color: 'red' });
  const change = useMutation({
    mutationFn: (next: { role?: Role; disabled?: boolean }) => changeUser(user.name, next),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.users }),
    onError: failed,
  });
  const link = useMutation({ mutationFn: () => freshLink(user.name), onSuccess: (made) => onLink(made.link), onError: failed });
  const [mailing, setMailing] = useState(false);
  const own = session?.me?.name === user.name;
  const fixed = user.file !== null;
  return (
    <div className={styles['buttons']}>
      <NativeSelect
        size="xs"
        aria-label={`Role of ${user.name}`}
        data={['viewer', 'operator', 'admin']}
        value={user.role}
        disabled={fixed || own || change.isPending}
        onChange={(event) => change.mutate({ role: event.currentTarget.value as Role })}
      />
      <Button
        size="xs"
        variant="default"
        leftSection={<IconMail size={14} aria-hidden />}
        disabled={fixed}
        onClick={() => setMailing(true)}
      >
        Email
      </Button>
      {mailing && <EmailDialog user={user} onClose={() => setMailing(false)} />}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconLink size={14} aria-hidden />}
        loading={link.isPending}
        onClick={() => link.mutate()}
      >
        New link
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={fixed || own}
        loading={change.isPending}
        onClick={() => change.mutate({ disabled: user.state !== 'disabled' })}
      >
        {user.state === 'disabled' ? 'Enable' : 'Disable'}
      </Button>
    </div>
  );
}
