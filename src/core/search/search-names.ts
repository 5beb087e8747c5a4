import { scoreJaroWinkler, scoreSubsequence, scoreSubstring, type TextScore } from './text-score.ts';

/** How a name is compared with what was typed. */
export const FUZZY = ['subsequence', 'jarowinkler'] as const;

/** What is looked for among names. */
export interface NameSearch {
  /** Any of them; without one every name is found. */
  readonly terms: readonly string[];
  readonly fuzzy: (typeof FUZZY)[number];
  /** The least score that is enough, 0 to 1; with `jarowinkler` 0 finds nothing but substrings. */
  readonly threshold: number;
  readonly isCaseSensitive: boolean;
  readonly order: 'name' | 'name-descending' | 'score';
}

/** A name that was found, and how well it fits: 1 is as good as can be. */
export interface FoundName {
  readonly name: string;
  readonly score: number;
}

/** The names that fit, in the order that is asked for; of equal scores in the order of the alphabet. */
export function searchNames(names: readonly string[], search: NameSearch): readonly FoundName[] {
  const score = scoreOf(search);
  const found: FoundName[] = [];
  for (const name of names) {
    const points = score(name);
    if (points > 0) found.push({ name, score: points });
  }
  return found.sort((a, b) => {
    if (search.order === 'score' && a.score !== b.score) return b.score - a.score;
    const order = a.name < b.name ? -1 : Number(a.name > b.name);
    return search.order === 'name-descending' ? -order : order;
  });
}

/** The best score of any term; 0: none is enough. */
function scoreOf(search: NameSearch): TextScore {
  const fold = (text: string): string => (search.isCaseSensitive ? text : text.toLowerCase());
  const terms = search.terms.filter((term) => term !== '').map((term) => scoreTerm(fold(term), search));
  if (terms.length === 0) return () => 1;
  return (name) => {
    const text = fold(name);
    return terms.reduce((best, score) => Math.max(best, score(text)), 0);
  };
}

function scoreTerm(term: string, { fuzzy, threshold }: NameSearch): TextScore {
  if (fuzzy === 'subsequence') return atLeast(threshold, scoreSubsequence(term));
  const substring = scoreSubstring(term);
  if (threshold === 0) return substring;
  const similar = atLeast(threshold, scoreJaroWinkler(term));
  return (text) => substring(text) || similar(text);
}

function atLeast(threshold: number, score: TextScore): TextScore {
  return (text) => {
    const points = score(text);
    return points >= threshold ? points : 0;
  };
}
