import { SegmentedControl, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { IconKeyboard, IconLogin2, IconLogout, IconSelector, IconUser } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useId, useRef } from 'react';
import { sessionQuery, signOut } from '../data/session.ts';
import type { Me } from '../data/types.ts';
import styles from './account-menu.module.css';

const SCHEMES = [
  { value: 'auto', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

interface Props {
  readonly onHelp: () => void;
  /** Called when something was chosen. */
  readonly onDone?: () => void;
}

/** Who one is; a press shows what belongs to that. */
export function AccountMenu({ onHelp }: Props) {
  const { data } = useQuery(sessionQuery);
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const me = data?.me;
  if (!me) return null;
  return (
    <>
      <button type="button" className={styles['account']} popoverTarget={id}>
        <VisuallyHidden>Account: </VisuallyHidden>
        <Who me={me} />
        <IconSelector size={16} aria-hidden />
      </button>
      <div id={id} ref={popover} popover="auto" className={styles['popover']}>
        <AccountItems me={me} onHelp={onHelp} onDone={() => popover.current?.hidePopover()} />
      </div>
    </>
  );
}

/** The same, laid open: for the drawer of a phone. */
export function AccountPanel(props: Props) {
  const { data } = useQuery(sessionQuery);
  if (!data?.me) return null;
  return (
    <div className={styles['panel']}>
      <div className={styles['account']}>
        <Who me={data.me} />
      </div>
      <AccountItems me={data.me} {...props} />
    </div>
  );
}

function Who({ me }: { readonly me: Me }) {
  return (
    <>
      <span className={styles['face']} aria-hidden>
        {[...me.name][0]?.toUpperCase()}
      </span>
      <span className={styles['who']}>
        <span className={styles['name']}>{me.kind === 'anonymous' ? 'Not signed in' : me.name}</span>
        <span className={styles['role']}>{me.role}</span>
      </span>
    </>
  );
}

function AccountItems({ me, onHelp, onDone }: Props & { readonly me: Me }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await signOut();
    await navigate({ to: '/sign-in' });
    queries.clear();
  };
  const help = (): void => {
    onDone?.();
    onHelp();
  };
  const done = onDone === undefined ? {} : { onClick: onDone };
  return (
    <div className={styles['items']}>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label="Colour scheme"
        data={SCHEMES.map((scheme) => ({ ...scheme }))}
        value={colorScheme}
        onChange={(value) => setColorScheme(value)}
      />
      {me.kind === 'user' && (
        <Link to="/settings/account" className={styles['item']} {...done}>
          <IconUser size={17} aria-hidden />
          My account
        </Link>
      )}
      <button type="button" className={styles['item']} onClick={help}>
        <IconKeyboard size={17} aria-hidden />
        Keyboard
      </button>
      {me.kind === 'user' ? (
        <button type="button" className={styles['item']} onClick={() => void leave()}>
          <IconLogout size={17} aria-hidden />
          Sign out
        </button>
      ) : (
        <Link to="/sign-in" className={styles['item']} {...done}>
          <IconLogin2 size={17} aria-hidden />
          Sign in
        </Link>
      )}
    </div>
  );
}
