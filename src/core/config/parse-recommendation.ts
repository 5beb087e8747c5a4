import type { Document, Recommendation } from '../recommendations/recommendation.ts';
import { fullText, listOf, type Note, optional, record, required, text } from './readers.ts';
import { sourceOf } from './shared-readers.ts';
import { type Entry, entryOf, itemsOf, type Spot, spotOf, type Tree } from './tree.ts';

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
function isInstructionFile(instructions: string): boolean {
  return /^\S[^\n]{0,300}\.(md|markdown)$/i.test(instructions);
}

const fields = record(
  {
    title: required(fullText),
    responsible: optional(text, ''),
    contact: optional(text, ''),
    instructions: optional(text, ''),
    documents: optional(listOf(fullText), []),
  },
  ['html', 'escalation'],
);

/** A recommendation of the section `recommendations`. */
export function parseRecommendation({ key, at, value: tree }: Entry, attachments: Attachments, note: Note): Recommendation | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const place = spotOf(tree, 'instructions');
  const instructions = isInstructionFile(value.instructions)
    ? attached(place, value.instructions, attachments, note)?.text
    : value.instructions;
  const places = itemsOf(entryOf(tree, 'documents')?.value);
  const documents = value.documents.map((name, index): Document | undefined => {
    const found = attached(places[index] ?? tree, name, attachments, note);
    return found && { name: /[^/\\]*$/.exec(name)?.[0] ?? name, path: found.path };
  });
  if (instructions === undefined || !documents.every((document) => document !== undefined)) return undefined;
  if (new Set(documents.map(({ name }) => name)).size < documents.length) {
    note(spotOf(tree, 'documents'), 'two documents have the same name');
    return undefined;
  }
  return {
    name: key,
    title: value.title,
    responsible: value.responsible,
    contact: value.contact,
    instructions,
    documents,
    source: sourceOf(at),
  };
}

/** The files that the recommendations in a document refer to, whether or not the document is otherwise right. */
export function neededFiles(tree: Tree): NeededFile[] {
  const section = entryOf(tree, 'recommendations')?.value;
  const entries = section?.kind === 'map' ? section.entries : [];
  return entries.flatMap(({ value }) => {
    const instructions = entryOf(value, 'instructions')?.value;
    const texts =
      instructions?.kind === 'scalar' && isInstructionFile(instructions.text) ? [{ named: instructions.text, content: true }] : [];
    const documents = itemsOf(entryOf(value, 'documents')?.value).flatMap((item) =>
      item.kind === 'scalar' ? [{ named: item.text, content: false }] : [],
    );
    return [...texts, ...documents].flatMap(({ named, content }) => {
      const path = besideFile(tree.file, named);
      return path === null ? [] : [{ path, content }];
    });
  });
}

function attached(
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
