import type { RefObject } from 'react';

/** Where in a text something is wrong. */
export interface Mistake {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** What the page does with a field from outside. */
export interface FieldHandle {
  readonly focus: () => void;
  /** Puts a text where the cursor is. */
  readonly insert: (text: string) => void;
}

/** What every field for a query is given. */
export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint: string;
  readonly mistake: Mistake | null;
  readonly handle: RefObject<FieldHandle | null>;
  /** What a word stands for, when it is a metric. */
  readonly describe: (word: string) => Promise<{ readonly title: string; readonly text: string } | null>;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
  readonly onFocus: () => void;
}

export interface EditorProps extends FieldProps {
  /** Where the cursor stood in the plain field that was being typed in; null: it was not. */
  readonly cursor: number | null;
}
