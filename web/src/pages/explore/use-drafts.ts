import { useEffect, useRef, useState } from 'react';
import { type AskedQuery, askedQueries, type ExploreSearch, MOST_QUERIES, searchOfQueries } from '../../app/explore-search.ts';

/** A query as it stands in its field, asked or not yet. */
export interface Draft extends AskedQuery {
  readonly id: number;
}

let lastId = 0;

function draft(query: AskedQuery): Draft {
  lastId += 1;
  return { ...query, id: lastId };
}

/** The fields of the page: they follow the address, and are ahead of it while somebody types. */
export function useDrafts(search: ExploreSearch) {
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => draftsOf(search));
  const latest = useRef(drafts);
  latest.current = drafts;
  const address = JSON.stringify([search.q, search.off]);
  const before = useRef(address);
  useEffect(() => {
    if (before.current === address) return;
    before.current = address;
    const { q, off } = searchOfQueries(latest.current);
    if (JSON.stringify([q, off]) !== address) setDrafts(draftsOf(search));
  }, [address, search]);
  const change = (id: number, next: Partial<AskedQuery>): readonly Draft[] =>
    put(latest.current.map((one) => (one.id === id ? { ...one, ...next } : one)));
  const put = (next: readonly Draft[]): readonly Draft[] => {
    latest.current = next;
    setDrafts(next);
    return next;
  };
  return {
    drafts,
    write: (id: number, expr: string) => change(id, { expr }),
    toggle: (id: number) => put(latest.current.map((one) => (one.id === id ? flipped(one) : one))),
    add: (expr = '') => (latest.current.length < MOST_QUERIES ? put([...latest.current, draft({ expr })]) : latest.current),
    remove: (id: number) => {
      const left = latest.current.filter((one) => one.id !== id);
      return put(left.length > 0 ? left : [draft({ expr: '' })]);
    },
  };
}

function flipped({ id, expr, off }: Draft): Draft {
  return { id, expr, ...(off === undefined && { off: true as const }) };
}

function draftsOf(search: ExploreSearch): readonly Draft[] {
  const queries = askedQueries(search);
  return (queries.length > 0 ? queries : [{ expr: '' }]).map(draft);
}
