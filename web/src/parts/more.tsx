import { Button } from '@mantine/core';
import styles from './rows.module.css';

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

/** The way to the older part of a list. */
export function More({ pages }: { readonly pages: Pages }) {
  if (!pages.hasNextPage) return null;
  return (
    <div className={styles['more']}>
      <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        Show older
      </Button>
    </div>
  );
}
