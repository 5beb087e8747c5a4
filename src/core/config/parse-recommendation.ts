import type { Document, Recommendation } from '../recommendations/recommendation.ts';
import { attached, type Attachments, isInstructionFile } from './attachments.ts';
import { fullText, listOf, type Note, optional, record, required, text } from './readers.ts';
import { sourceOf } from './shared-readers.ts';
import { type Entry, entryOf, itemsOf, spotOf } from './tree.ts';

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
