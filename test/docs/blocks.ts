import { globSync, readFileSync } from 'node:fs';

/** One block of a document: fenced, with the words behind the fence, or indented by four spaces. */
export interface Block {
  readonly file: string;
  /** Of the first line of its text. */
  readonly line: number;
  /** `yaml`, `sh` ...; `indented` where there is no fence. */
  readonly kind: string;
  readonly words: readonly string[];
  readonly text: string;
}

/** Every document of the repository that people read. */
export const DOCUMENTS: readonly string[] = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('examples/*.md')].toSorted();

function blocksOf(file: string): readonly Block[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const blocks: Block[] = [];
  let inList = false;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() !== '') inList = /^\s*([-*]|\d+\.) /.test(line) || (inList && line.startsWith(' '));
    const [, fence, info = ''] = /^\s*(```+)(.*)$/.exec(line) ?? [];
    const isIndented = fence === undefined && line.startsWith('    ') && (lines[at - 1] ?? '').trim() === '' && !inList;
    if (fence === undefined && !isIndented) continue;
    const first = fence === undefined ? at : at + 1;
    let end = first;
    while (end < lines.length && (fence === undefined ? (lines[end] ?? '').startsWith('    ') : (lines[end] ?? '').trim() !== fence))
      end += 1;
    const text = lines.slice(first, end).map((one) => `${fence === undefined ? one.slice(4) : one}\n`);
    const [kind = '', ...words] = fence === undefined ? ['indented'] : info.trim().split(/\s+/);
    blocks.push({ file, line: first + 1, kind, words, text: text.join('') });
    at = fence === undefined ? end - 1 : end;
  }
  return blocks;
}

export const BLOCKS: readonly Block[] = DOCUMENTS.flatMap(blocksOf);

/** The value of `NAME=...` behind the fence. */
export function wordOf(block: Block, name: string): string | null {
  return block.words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

/** What stands in backticks within the text, outside of blocks. */
export function inlineCode(file: string): readonly { readonly code: string; readonly line: number }[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  for (const block of blocksOf(file)) {
    const count = block.text.split('\n').length - 1;
    for (let at = block.line - 1; at < block.line - 1 + count; at += 1) lines[at] = '';
  }
  return lines.flatMap((line, at) =>
    line.trimStart().startsWith('```') ? [] : [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ code, line: at + 1 })),
  );
}
