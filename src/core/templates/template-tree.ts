import type { Value } from './value.ts';

/** A parsed template: what is written one after the other. */
export type Nodes = readonly Node[];

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with' | 'range'; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes };

/** `$a, $b := command | command`: each command gets the value of the one before as its last argument. */
export interface Pipe {
  readonly declares: readonly string[];
  /** `=` instead of `:=`: the variables exist already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** A function with its arguments, or one operand alone. */
export interface Command {
  /** Null: the first operand is the value. */
  readonly call: string | null;
  readonly operands: readonly Operand[];
}

export interface Operand {
  readonly base:
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'dot' }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'pipe'; readonly pipe: Pipe }
    | { readonly kind: 'call'; readonly name: string };
  /** `.Labels.instance` after it. */
  readonly fields: readonly string[];
}
