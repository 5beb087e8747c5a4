import type { Script } from '../actions/action.ts';
import { embeddedNames, placeholderName } from '../actions/placeholder.ts';
import { sha256 } from '../base/sha256.ts';
import { attached, type Attachments } from './attachments.ts';
import { allowPlaceholders, argument, commandLine } from './parse-command.ts';
import { fullText, listOf, type Note, optional, record, required } from './readers.ts';
import { entryOf, itemsOf, spotOf, type Tree } from './tree.ts';

/** UTF-16 units; in UTF-8 at most three times as many bytes. */
const SCRIPT_LIMIT = 256 * 1024;
const SHOWN_DIGITS = 12;

const fields = record({ file: required(fullText), interpreter: required(commandLine), arguments: optional(listOf(argument), []) });

/** `{ file, interpreter, arguments }`: the command as people see it, and what the file holds. `names`: the declared parameters. */
export function parseScript(
  tree: Tree,
  { attachments, names }: { readonly attachments: Attachments; readonly names: readonly string[] },
  note: Note,
): { readonly command: readonly string[]; readonly script: Script } | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const place = spotOf(tree, 'file');
  const content = attached(place, value.file, attachments, note)?.text;
  const wrong = content === undefined ? null : whyNoScript(content);
  if (wrong !== null) note(place, `${value.file}: ${wrong}`);
  const taken = itemsOf(entryOf(tree, 'interpreter')?.value).find(
    (item) => item.kind === 'scalar' && (placeholderName(item.text) !== null || embeddedNames(item.text).length > 0),
  );
  if (taken !== undefined) note(taken, 'the interpreter and its options cannot come from a parameter');
  const whole = allowPlaceholders(itemsOf(entryOf(tree, 'arguments')?.value), names, note);
  if (content === undefined || wrong !== null || taken !== undefined || !whole) return undefined;
  const hash = sha256(content);
  const shown = `${value.file}@sha256:${hash.slice(0, SHOWN_DIGITS)}`;
  return {
    command: [...value.interpreter, shown, ...value.arguments],
    script: { file: value.file, content, sha256: hash, at: value.interpreter.length },
  };
}

function whyNoScript(content: string): string | null {
  if (content === '') return 'the file is empty';
  if (content.length > SCRIPT_LIMIT) return 'a script has at most 256 KiB';
  return content.includes('\ufffd') ? 'not a text in UTF-8' : null;
}
