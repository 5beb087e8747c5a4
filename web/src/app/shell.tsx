import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { sessionQuery } from '../data/session.ts';
import { overviewQuery } from '../data/system.ts';
import { TocsinMark } from '../parts/mark.tsx';
import { showAlarms } from '../parts/page-title.ts';
import { AccountMenu, AccountPanel } from './account-menu.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { LiveContext, useOpenLive } from './live-context.ts';
import { LivePill } from './live-pill.tsx';
import { Menu, Tabs } from './menu.tsx';
import { Announcer } from './announcer.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { useShortcuts } from './shortcuts.ts';
import { UpdateBanner } from './update-banner.tsx';
import styles from './shell.module.css';

/** What surrounds every page once somebody is signed in: the places, who one is, and whether what one sees is live. */
export function Shell() {
  const live = useOpenLive();
  const [menu, setMenu] = useDisclosure(false);
  const [help, setHelp] = useDisclosure(false);
  useSignOutNotice();
  useAlarms();
  useShortcuts(setHelp.toggle);
  const main = useFocusAfterNavigation();
  return (
    <LiveContext value={live}>
      <div className={styles['shell']}>
        <a className={styles['skip']} href="#main" onClick={(event) => focusMain(event, main.current)}>
          Skip to content
        </a>
        <aside className={styles['side']}>
          <Brand />
          <Menu />
          <div className={styles['foot']}>
            <LivePill />
            <AccountMenu onHelp={setHelp.open} />
          </div>
        </aside>
        <header className={styles['top']}>
          <Brand />
          <LivePill />
        </header>
        <main id="main" ref={main} tabIndex={-1} className={styles['main']}>
          <OfflineBanner />
          <UpdateBanner />
          <Outlet />
        </main>
        <Tabs onMore={setMenu.open} />
      </div>
      <Drawer opened={menu} onClose={setMenu.close} position="right" size="280px" title="Menu">
        <Menu onNavigate={setMenu.close} />
        <div style={{ marginTop: 24 }}>
          <AccountPanel onHelp={setHelp.open} onDone={setMenu.close} />
        </div>
      </Drawer>
      <HelpDialog opened={help} onClose={setHelp.close} />
      <Announcer />
    </LiveContext>
  );
}

function Brand() {
  return (
    <Link to="/" className={styles['brand']} aria-label="Tocsin, overview">
      <TocsinMark size={30} />
      Tocsin
    </Link>
  );
}

function focusMain(event: { preventDefault: () => void }, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

/** Leads to the sign-in page as soon as an answer said that the session is over. */
function useSignOutNotice(): void {
  const { data } = useQuery(sessionQuery);
  const navigate = useNavigate();
  const { href } = useLocation();
  const over = data !== undefined && data.me === null;
  useEffect(() => {
    if (over) void navigate({ to: '/sign-in', search: { to: href } });
  }, [over, navigate, href]);
}

function useAlarms(): void {
  const { data } = useQuery(overviewQuery);
  const firing = data?.alerts.firing ?? 0;
  useEffect(() => {
    showAlarms(firing);
    return () => showAlarms(0);
  }, [firing]);
}

/** After a change of page the focus moves to its content, so that keyboard and screen reader go on there. */
function useFocusAfterNavigation() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
