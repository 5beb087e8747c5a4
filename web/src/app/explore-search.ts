/** One query of the page: its text, and whether it is asked. */
export interface AskedQuery {
  readonly expr: string;
  readonly off?: true;
}

export type View = 'graph' | 'table';

/** Everything that Explore shows, as it stands behind the `?` of its address. */
export interface ExploreSearch {
  readonly q?: readonly string[];
  /** The letters of the queries that are not asked: `BD`. */
  readonly off?: string;
  /** A length as Prometheus writes it: the last `6h`. */
  readonly range?: string;
  /** Milliseconds; both or none. */
  readonly from?: number;
  readonly to?: number;
  /** A length as Prometheus writes it; absent: chosen by the length of the range. */
  readonly step?: string;
  readonly view?: 'table';
  readonly unit?: string;
  readonly stacked?: true;
  /** How much earlier what is shown is compared with: `7d`. */
  readonly compare?: string;
  /** Asked again so often; absent: only when somebody runs it. */
  readonly refresh?: string;
}

export const MOST_QUERIES = 8;
const LONGEST_QUERY = 8000;
const LONGEST_WORD = 20;
const LETTERS = 'ABCDEFGH';

/** The letter of the n-th query. */
export function letterOf(index: number): string {
  return LETTERS[index] ?? '?';
}

/** What an address asks Explore for; what it cannot mean is left out. */
export function exploreSearch(raw: Readonly<Record<string, unknown>>): ExploreSearch {
  const q = queriesOf(raw['q']);
  const off = [...(word(raw['off']) ?? '')].filter((letter) => LETTERS.indexOf(letter) >= 0 && LETTERS.indexOf(letter) < q.length).join('');
  const from = moment(raw['from']);
  const to = moment(raw['to']);
  const fixed = from !== undefined && to !== undefined && to > from;
  const range = word(raw['range']);
  const step = word(raw['step']);
  const unit = word(raw['unit']);
  const refresh = word(raw['refresh']);
  const compare = word(raw['compare']);
  return {
    ...(q.length > 0 && { q }),
    ...(off !== '' && { off }),
    ...(fixed && { from, to }),
    ...(!fixed && range !== undefined && { range }),
    ...(step !== undefined && { step }),
    ...(raw['view'] === 'table' && { view: 'table' as const }),
    ...(unit !== undefined && { unit }),
    ...((raw['stacked'] === true || raw['stacked'] === 'true') && { stacked: true as const }),
    ...(compare !== undefined && { compare }),
    ...(!fixed && refresh !== undefined && { refresh }),
  };
}

/** The queries of an address, with those that are switched off. */
export function askedQueries({ q = [], off = '' }: ExploreSearch): readonly AskedQuery[] {
  return q.map((expr, index) => ({ expr, ...(off.includes(letterOf(index)) && { off: true as const }) }));
}

/** The part of an address that stands for these queries; empty ones are left out. */
export function searchOfQueries(queries: readonly AskedQuery[]): Pick<ExploreSearch, 'q' | 'off'> {
  const some = queries.filter(({ expr }) => expr.trim() !== '').slice(0, MOST_QUERIES);
  const off = some.map((query, index) => (query.off ? letterOf(index) : '')).join('');
  return { ...(some.length > 0 && { q: some.map(({ expr }) => expr.trim()) }), ...(off !== '' && { off }) };
}

function queriesOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .flatMap((one) => (typeof one === 'string' ? [one] : typeof one === 'number' ? [String(one)] : []))
    .filter((text) => text.trim() !== '' && text.length <= LONGEST_QUERY)
    .slice(0, MOST_QUERIES);
}

function word(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_WORD ? text : undefined;
}

function moment(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && Math.abs(number) < 8.64e15 ? Math.round(number) : undefined;
}
