/** Words of other systems, and ours. */
const SYNONYMS: Readonly<Record<string, string>> = {
  receiver: 'channel',
  receivers: 'channels',
  args: 'command',
  cmd: 'command',
  params: 'parameters',
  matchers: 'match',
  matcher: 'match',
  options: 'values',
  regex: 'pattern',
  groups: 'teams',
  action: 'run',
  webhook_url: 'url',
};

/** `, did you mean "group_wait"?` when one of the known words is close to what was written, else the empty text. */
export function suggest(written: string, known: Iterable<string>): string {
  const synonym = Object.hasOwn(SYNONYMS, written) ? SYNONYMS[written] : undefined;
  let best = '';
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const word of known) {
    const distance =
      sameWord(written, word) || word === synonym ? 0 : editDistance(written.toLowerCase(), word.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : `, did you mean "${best}"?`;
}

function sameWord(a: string, b: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ .]/g, '');
  return plain(a) === plain(b);
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text the other; `limit` when it is that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > 100) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? limit, limit);
}
