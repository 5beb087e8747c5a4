import { plainText } from './ansi.ts';
import type { OutputLine } from './output-log.ts';

/** The positions of the lines that hold the words, whatever their case. */
export function findLines(lines: readonly OutputLine[], words: string): number[] {
  const wanted = words.toLowerCase();
  if (wanted === '') return [];
  const found: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (plainText(line.text).toLowerCase().includes(wanted)) found.push(index);
  }
  return found;
}

/** A text cut where the words stand: every second piece is a match. */
export function cutMatches(text: string, words: string): string[] {
  if (words === '') return [text];
  const pieces: string[] = [];
  const haystack = text.toLowerCase();
  const needle = words.toLowerCase();
  let from = 0;
  let at = haystack.length === text.length ? haystack.indexOf(needle) : -1;
  while (at >= 0) {
    pieces.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
    at = haystack.indexOf(needle, from);
  }
  return [...pieces, text.slice(from)];
}
