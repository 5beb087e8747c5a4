/** Something wrong in a text from outside, said so that its author can mend it. Line and column count from 1. */
export interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Where in the document: `rules.cpu.warning.above`. */
  readonly path?: string;
}

/** The outcome of reading something from outside: all problems at once; `value` is null as soon as one of them is fatal. */
export interface Parsed<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
}

/** `file:line:column: message`, as compilers print it; what is unknown is left out. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.line === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(':');
  const path = problem.path === undefined || problem.path === '' ? '' : `${problem.path}: `;
  return `${place === '' ? '' : `${place}: `}${path}${problem.message}`;
}
