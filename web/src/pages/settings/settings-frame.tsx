import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { may, sessionQuery } from '../../data/session.ts';
import styles from './settings.module.css';

const PLACES = [
  { to: '/settings/account', label: 'My account', verb: null },
  { to: '/settings/appearance', label: 'Appearance', verb: null },
  { to: '/settings/status', label: 'Status', verb: 'read' },
  { to: '/settings/storage', label: 'Storage', verb: 'read' },
  { to: '/settings/users', label: 'Users', verb: 'administer' },
  { to: '/settings/tokens', label: 'Tokens', verb: 'administer' },
  { to: '/settings/audit', label: 'Audit log', verb: 'administer' },
] as const;

export function SettingsFrame() {
  const { data } = useQuery(sessionQuery);
  return (
    <div className={styles['frame']}>
      <nav aria-label="Settings">
        <ul className={styles['menu']}>
          {PLACES.filter(({ verb }) => verb === null || may(data?.me, verb)).map(({ to, label }) => (
            <li key={to}>
              <Link to={to}>{label}</Link>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </div>
  );
}
