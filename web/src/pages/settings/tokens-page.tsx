import { Button } from '@mantine/core';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeToken, tokensQuery } from '../../data/access.ts';
import { keys } from '../../data/keys.ts';
import type { Token } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { Ago, Moment } from '../../parts/time.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import styles from './settings.module.css';
import { TokenDialog } from './token-dialog.tsx';

export function TokensPage() {
  const query = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string } | null>(null);
  const create = (
    <Button leftSection={<IconKey size={17} aria-hidden />} onClick={() => setCreating(true)}>
      Create token
    </Button>
  );
  return (
    <Page title="Tokens" subtitle="Credentials for machines: agents, scripts, other monitoring systems." actions={create}>
      <Card flush>
        <Loaded query={query} skeleton={<Rows count={3} />}>
          {({ items }) => {
            if (items.length === 0) {
              return (
                <Empty Icon={IconKey} title="No token yet">
                  An agent on another machine needs one with the role agent; a script that runs actions one with the role operator, bound to
                  these actions.
                </Empty>
              );
            }
            return (
              <ul className={styles['list']}>
                {items.map((token) => (
                  <li key={token.id}>
                    <TokenRow token={token} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Loaded>
      </Card>
      {creating && (
        <TokenDialog
          onClose={() => setCreating(false)}
          onCreated={(name, secret) => {
            setCreating(false);
            setMade({ name, secret });
          }}
        />
      )}
      {made !== null && (
        <SecretDialog
          title={`Token ${made.name}`}
          text="Only its hash is kept. Whoever has it may do what its role allows."
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
    </Page>
  );
}

function TokenRow({ token }: { readonly token: Token }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div className={styles['grow']}>
        <div className={styles['name']}>{token.name}</div>
        <div className={styles['meta']}>
          <span>
            created <Ago at={token.createdAt} /> by {token.createdBy.replace(/^user:/, '')}
          </span>
          <span>
            {token.lastUsedAt === null ? (
              'never used'
            ) : (
              <>
                used <Ago at={token.lastUsedAt} />
              </>
            )}
          </span>
          {token.expiresAt !== null && (
            <span>
              expires <Moment at={token.expiresAt} />
            </span>
          )}
          {token.actions !== null && <span>only runs {token.actions.join(', ') || 'nothing'}</span>}
        </div>
      </div>
      <Badge tone="quiet">{token.role}</Badge>
      <Button size="xs" variant="default" leftSection={<IconTrash size={14} aria-hidden />} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      {asking && (
        <ConfirmDialog
          title={`Revoke ${token.name}?`}
          confirm="Revoke it"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await revokeToken(token.id);
            await queries.invalidateQueries({ queryKey: keys.tokens });
          }}
        >
          Whoever uses it is refused from now on. This cannot be undone.
        </ConfirmDialog>
      )}
    </>
  );
}
