/** A piece of an argument as it is shown: text as it is, and everything that would hide or mislead by name. */
export interface ArgumentPart {
  readonly kind: 'text' | 'mark';
  /** What is drawn. */
  readonly text: string;
  /** What a screen reader says for a mark. */
  readonly spoken: string;
}

const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  ' ': ['·', ' space '],
  '\t': ['→', ' tab '],
  '\n': ['⏎', ' newline '],
  '\r': ['␍', ' carriage return '],
};

/** Characters that do not show, or that turn the direction of what follows: an approver must not be deceived by them. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0]/u;

/** Cuts an argument into what can be read as it stands and what has to be named. */
export function argumentParts(argument: string): ArgumentPart[] {
  if (argument === '') return [{ kind: 'mark', text: 'empty', spoken: 'empty argument' }];
  return cut(argument, (char) => MARKS[char] ?? (HIDDEN.test(char) ? named(char) : null));
}

/** The same for a line of a text, in which spaces and tabs are nothing special. */
export function hiddenParts(line: string): ArgumentPart[] {
  return cut(line, (char) => (char !== '\t' && HIDDEN.test(char) ? (MARKS[char] ?? named(char)) : null));
}

function cut(whole: string, markOf: (char: string) => readonly [string, string] | null): ArgumentPart[] {
  const parts: ArgumentPart[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text, spoken: text });
    text = '';
  };
  for (const char of whole) {
    const mark = markOf(char);
    if (mark === null) {
      text += char;
      continue;
    }
    flush();
    parts.push({ kind: 'mark', text: mark[0], spoken: mark[1] });
  }
  flush();
  return parts;
}

function named(char: string): readonly [string, string] {
  const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return [code, ` hidden character ${code} `];
}

/** The command as one line that a POSIX shell reads as exactly these arguments: for copying, never for running. */
export function quoteArgv(argv: readonly string[]): string {
  return argv
    .map((argument) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
