import { parseInstant } from '../base/calendar.ts';
import type { Millis } from '../base/time.ts';
import { parseMetricSelector } from '../promql/parse-metric-selector.ts';
import { type Hold, wholeDays } from '../series/hold.ts';
import { fullText, listOf, type Note, optional, type Reader, record, required } from './readers.ts';
import { checked } from './shared-readers.ts';
import { entryOf, itemsOf, type Tree } from './tree.ts';

const LIMIT = 100;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

const moment = checked(fullText, (text) =>
  momentOf(text) === null ? 'expected a day such as 2026-01-31, or a moment such as 2026-01-31T08:00:00Z' : null,
);
const hold = record({
  name: required(checked(fullText, (name) => (NAME.test(name) ? null : 'expected letters, digits and . _ -, 100 at most'))),
  match: required(fullText),
  from: optional(moment, null),
  to: optional(moment, null),
  reason: optional(fullText, ''),
});
const list = listOf(hold);

/** What may not be deleted: `[{ name: case-1, match: '{job="x"}', from: 2026-01-01, to: 2026-03-31, reason: ... }]`. */
export const holds: Reader<readonly Hold[]> = (tree, note) => {
  const given = list(tree, note);
  if (given === undefined) return undefined;
  if (given.length > LIMIT) note(tree, `expected not more than ${LIMIT} holds, found ${given.length}`);
  const read: Hold[] = [];
  for (const [index, { name, match, reason, ...times }] of given.entries()) {
    const { value, problems } = parseMetricSelector(match);
    if (value === null || value.matchers.every((matcher) => matcher.test(''))) {
      noteAt(tree, [index, 'match'], value === null ? problems.map(({ message }) => message).join(', ') : 'selects everything', note);
      return undefined;
    }
    if (given.findIndex((one) => one.name === name) !== index) {
      noteAt(tree, [index, 'name'], `there is another hold ${name}`, note);
      return undefined;
    }
    const from = times.from === null ? Number.MIN_SAFE_INTEGER : momentOf(times.from);
    const to = times.to === null ? Number.MAX_SAFE_INTEGER : momentOf(times.to);
    if (from === null || to === null || from > to) {
      noteAt(tree, [index, 'to'], 'is before from', note);
      return undefined;
    }
    const selectors = [value.matchers.map(({ name: label, op, value: text }) => ({ name: label, op, value: text }))];
    read.push({ name, match: [match], selectors, ...wholeDays(from, to), reason, by: 'the configuration', since: null });
  }
  return given.length > LIMIT ? undefined : read;
};

function momentOf(text: string): Millis | null {
  return parseInstant(DATE.test(text) ? `${text}T00:00:00Z` : text);
}

function noteAt(tree: Tree, [index, key]: readonly [number, string], why: string, note: Note): void {
  const item = itemsOf(tree)[index];
  note((item === undefined ? undefined : entryOf(item, key)?.value) ?? item ?? tree, why);
}
