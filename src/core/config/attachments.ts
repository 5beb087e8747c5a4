import type { Note } from './readers.ts';
import { entryOf, itemsOf, type Spot, type Tree } from './tree.ts';

/** What a file beside the configuration holds (documents are not read: their text is empty), or why it cannot be used. */
export type Attachment = { readonly text: string } | { readonly problem: string };

/** A file that the configuration refers to and that must be read for it. */
export interface NeededFile {
  /** As `besideFile` gives it. */
  readonly path: string;
  /** Whether its text is needed, or only that it is there. */
  readonly content: boolean;
}

/** Path -> attachment. */
export type Attachments = ReadonlyMap<string, Attachment>;

/** The path of a file named in another one: relative to its folder. Null when it would lead out of that folder. */
function besideFile(file: string, named: string): string | null {
  const steps = named.split(/[/\\]/);
  if (/^([/\\]|[A-Za-z]:)/.test(named) || steps.includes('..') || named.includes('\0')) return null;
  const folder = /^(.*[/\\])[^/\\]*$/.exec(file)?.[1] ?? '';
  return `${folder}${named}`;
}

/** One line that ends like a Markdown file is the name of one; anything else is Markdown itself. */
export function isInstructionFile(instructions: string): boolean {
  return /^\S[^\n]{0,300}\.(md|markdown)$/i.test(instructions);
}

/** The files that the recommendations and actions in a document refer to, whether or not the document is otherwise right. */
export function neededFiles(tree: Tree): NeededFile[] {
  const named = [
    ...valuesOf(tree, 'recommendations').flatMap(namedByRecommendation),
    ...valuesOf(tree, 'actions').flatMap((action) => namedIn(entryOf(action, 'script')?.value, 'file')),
  ];
  return named.flatMap(({ name, content }) => {
    const path = besideFile(tree.file, name);
    return path === null ? [] : [{ path, content }];
  });
}

interface Named {
  readonly name: string;
  readonly content: boolean;
}

function valuesOf(tree: Tree, section: string): readonly Tree[] {
  const entries = entryOf(tree, section)?.value;
  return entries?.kind === 'map' ? entries.entries.map(({ value }) => value) : [];
}

function namedByRecommendation(tree: Tree): readonly Named[] {
  const instructions = namedIn(tree, 'instructions').filter(({ name }) => isInstructionFile(name));
  const documents = itemsOf(entryOf(tree, 'documents')?.value);
  return [...instructions, ...documents.flatMap((item) => (item.kind === 'scalar' ? [{ name: item.text, content: false }] : []))];
}

function namedIn(tree: Tree | undefined, key: string): readonly Named[] {
  const found = tree === undefined ? undefined : entryOf(tree, key)?.value;
  return found?.kind === 'scalar' ? [{ name: found.text, content: true }] : [];
}

/** The file that is named at a place, or undefined when it cannot be used, which is then noted. */
export function attached(
  place: Spot,
  named: string,
  attachments: Attachments,
  note: Note,
): { readonly path: string; readonly text: string } | undefined {
  const path = besideFile(place.file, named);
  const found = path === null ? { problem: 'the file must lie below the folder of the configuration' } : attachments.get(path);
  if (path !== null && found !== undefined && 'text' in found) return { path, text: found.text };
  note(place, `${named}: ${found !== undefined && 'problem' in found ? found.problem : 'no such file'}`);
  return undefined;
}
