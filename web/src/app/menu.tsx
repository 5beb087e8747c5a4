import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../data/system.ts';
import type { Overview } from '../data/types.ts';
import { toneClass } from '../parts/tone.ts';
import { type Destination, DESTINATIONS } from './navigation.ts';
import styles from './shell.module.css';

interface Props {
  readonly onNavigate?: () => void;
}

/** All places, as a column. */
export function Menu({ onNavigate }: Props) {
  const { data } = useQuery(overviewQuery);
  return (
    <nav aria-label="Main">
      <ul className={styles['nav']}>
        {DESTINATIONS.map((place) => (
          <li key={place.to}>
            <Link
              to={place.to}
              className={styles['item']}
              activeOptions={{ exact: place.to === '/' }}
              {...(onNavigate && { onClick: onNavigate })}
            >
              <place.Icon size={20} stroke={1.7} aria-hidden />
              <span className={styles['grow']}>{place.label}</span>
              <Count place={place} overview={data} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The most used places, at the foot of a phone. */
export function Tabs({ onMore }: { readonly onMore: () => void }) {
  const { data } = useQuery(overviewQuery);
  return (
    <nav className={styles['bottom']} aria-label="Main">
      {DESTINATIONS.slice(0, 4).map((place) => (
        <Link key={place.to} to={place.to} className={styles['tab']} activeOptions={{ exact: place.to === '/' }}>
          <place.Icon size={22} stroke={1.7} aria-hidden />
          {place.label}
          <Count place={place} overview={data} />
        </Link>
      ))}
      <button type="button" className={styles['tab']} onClick={onMore} aria-haspopup="dialog">
        <MoreDots />
        More
      </button>
    </nav>
  );
}

function MoreDots() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="currentColor" aria-hidden>
      <circle cx="4" cy="11" r="1.8" />
      <circle cx="11" cy="11" r="1.8" />
      <circle cx="18" cy="11" r="1.8" />
    </svg>
  );
}

function Count({ place, overview }: { readonly place: Destination; readonly overview: Overview | undefined }) {
  if (place.count === undefined || overview === undefined) return null;
  const { value, tone, spoken } = place.count(overview);
  if (value === 0) return null;
  return (
    <span className={`${styles['count']} ${toneClass(tone)}`} aria-label={spoken}>
      {value > 99 ? '99+' : value}
    </span>
  );
}
