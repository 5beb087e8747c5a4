import { IconChartLine } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ExploreSearch } from '../app/explore-search.ts';
import styles from './explore-link.module.css';

/** Leads to Explore with what a picture shows; `about` is said to those who do not see it. */
export function ExploreLink({ search, about }: { readonly search: ExploreSearch; readonly about: string }) {
  return (
    <Link to="/explore" search={search} className={styles['link']} aria-label={`Explore ${about}`} title="Open in Explore">
      <IconChartLine size={16} aria-hidden />
    </Link>
  );
}
