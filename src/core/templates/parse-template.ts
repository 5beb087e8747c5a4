import type { Parsed } from '../base/problem.ts';
import { isValidText, parseQuoted } from '../promql/quote.ts';
import { functions } from './functions.ts';
import { type Failure, lexTemplate, type Token } from './lex-template.ts';
import { parseGoNumber } from './parse-go-number.ts';
import type { Command, Node, Nodes, Operand, Pipe } from './template-tree.ts';
import { TemplateFailure } from './value.ts';

/** The longest template, in UTF-16 code units, and its deepest nesting. */
const TEXT_LIMIT = 65_536;
const DEPTH_LIMIT = 50;

const NOT_YET = ['define', 'template', 'block', 'break', 'continue'];
const NEEDS_SERIES = ['query', 'first', 'value', 'label', 'strvalue', 'sortByLabel', 'tmpl', 'args'];

/** The variables that Prometheus declares for every alert template. */
const ALERT_VARIABLES: readonly string[] = ['$', '$labels', '$value', '$externalLabels', '$externalURL'];

/** Parses a template of Go's text/template with Prometheus' functions. The one problem has line and column. */
export function parseTemplate(text: string): Parsed<Nodes> {
  if (text.length > TEXT_LIMIT) return failed(text, { message: `the template is longer than ${TEXT_LIMIT} characters`, at: 0 });
  const tokens = lexTemplate(text);
  if ('message' in tokens) return failed(text, tokens);
  const parser = new TemplateParser(tokens, text.length);
  try {
    return { value: parser.parse(), problems: [] };
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    return failed(text, { message: error.message, at: parser.at });
  }
}

function failed(text: string, { message, at }: Failure): Parsed<Nodes> {
  const before = text.slice(0, at).split('\n');
  return { value: null, problems: [{ message, line: before.length, column: (before.at(-1) ?? '').length + 1 }] };
}

class TemplateParser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;
  #variables: string[] = [...ALERT_VARIABLES];

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  /** Where the parser stands, for a problem. */
  get at(): number {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]?.at ?? this.#end;
  }

  parse(): Nodes {
    const { nodes, stop } = this.#list();
    if (stop !== null) throw new TemplateFailure(`unexpected {{${stop}}}`);
    return nodes;
  }

  /** Nodes up to the end or to `{{end}}` or `{{else`, which is consumed up to its word. */
  #list(): { readonly nodes: Nodes; readonly stop: 'end' | 'else' | null } {
    this.#deeper();
    const nodes: Node[] = [];
    let stop: 'end' | 'else' | null = null;
    while (stop === null && this.#next < this.#tokens.length) {
      const token = this.#take();
      if (token?.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#peek()?.kind === 'word' ? this.#peek()?.text : undefined;
      if (word === 'end' || word === 'else') {
        this.#next += 1;
        stop = word;
      } else {
        nodes.push(this.#action(word));
      }
    }
    this.#depth -= 1;
    return { nodes, stop };
  }

  #action(word: string | undefined): Node {
    if (word === 'if' || word === 'with' || word === 'range') {
      this.#next += 1;
      return this.#control(word);
    }
    if (word !== undefined && NOT_YET.includes(word)) throw new TemplateFailure(`{{${word}}} is not supported`);
    const pipe = this.#pipe(2);
    this.#close();
    return { kind: 'output', pipe };
  }

  /** After the word: the pipe, the body, and what comes otherwise. */
  #control(kind: 'if' | 'with' | 'range'): Node {
    const visible = this.#variables.length;
    const pipe = this.#pipe(kind === 'range' ? 2 : 1);
    this.#close();
    const body = this.#list();
    let otherwise: Nodes = [];
    if (body.stop === 'else') {
      const word = this.#peek()?.kind === 'word' ? this.#peek()?.text : undefined;
      if (word === kind && kind !== 'range') {
        this.#next += 1;
        otherwise = [this.#nestedControl(kind)];
        this.#variables.length = visible;
        return { kind, pipe, body: body.nodes, otherwise };
      }
      this.#close();
      const rest = this.#list();
      if (rest.stop === 'else') throw new TemplateFailure('expected end; found {{else}}');
      if (rest.stop === null) throw new TemplateFailure(`{{${kind}}} without {{end}}`);
      otherwise = rest.nodes;
    } else if (body.stop === null) {
      throw new TemplateFailure(`{{${kind}}} without {{end}}`);
    }
    this.#close();
    this.#variables.length = visible;
    return { kind, pipe, body: body.nodes, otherwise };
  }

  #nestedControl(kind: 'if' | 'with'): Node {
    this.#deeper();
    const node = this.#control(kind);
    this.#depth -= 1;
    return node;
  }

  #pipe(mostVariables: number): Pipe {
    this.#deeper();
    const { declares, assigns } = this.#declaration(mostVariables);
    const commands: Command[] = [this.#command()];
    while (this.#isSign('|')) {
      this.#next += 1;
      commands.push(this.#command());
    }
    for (const [index, { call, operands }] of commands.entries()) {
      const base = operands[0]?.base.kind;
      if (index > 0 && call === null && base !== 'call') throw new TemplateFailure('non executable command in pipeline');
    }
    if (!assigns) this.#variables.push(...declares);
    this.#depth -= 1;
    return { declares, assigns, commands };
  }

  #declaration(most: number): { readonly declares: readonly string[]; readonly assigns: boolean } {
    const from = this.#next;
    const names: string[] = [];
    while (this.#peek()?.kind === 'variable' && names.length < most) {
      names.push(this.#take()?.text ?? '');
      if (this.#isSign(',')) this.#next += 1;
      else break;
    }
    const sign = this.#isSign(':=') ? ':=' : this.#isSign('=') ? '=' : null;
    if (names.length === 0 || sign === null) {
      this.#next = from;
      return { declares: [], assigns: false };
    }
    this.#next += 1;
    if (sign === '=') for (const name of names) this.#known(name);
    return { declares: names, assigns: sign === '=' };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand !== null; operand = this.#operand()) operands.push(operand);
    const [first, ...rest] = operands;
    if (first === undefined) throw new TemplateFailure('missing value for command');
    if (first.base.kind === 'call' && first.fields.length === 0) return { call: first.base.name, operands: rest };
    if (rest.length > 0) throw new TemplateFailure("can't give argument to non-function");
    return { call: null, operands };
  }

  #operand(): Operand | null {
    const base = this.#base();
    if (base === null) return null;
    const fields: string[] = [];
    if (base.kind === 'field') {
      fields.push(base.name);
    }
    for (let token = this.#peek(); token?.kind === 'field' && !token.spaced; token = this.#peek()) {
      fields.push(token.text.slice(1));
      this.#next += 1;
    }
    const next = this.#peek();
    if (next !== undefined && !next.spaced && next.kind !== 'close' && next.kind !== 'sign') {
      throw new TemplateFailure(`unexpected ${JSON.stringify(next.text)} after an operand`);
    }
    return { base: base.kind === 'field' ? { kind: 'dot' } : base, fields };
  }

  #base(): Operand['base'] | { readonly kind: 'field'; readonly name: string } | null {
    const token = this.#peek();
    if (token === undefined || token.kind === 'close') return null;
    if (token.kind === 'sign' && token.text !== '.' && token.text !== '(') return null;
    this.#next += 1;
    switch (token.kind) {
      case 'string': {
        const value = parseQuoted(token.text);
        if (value === null || !isValidText(value)) return this.#fail('bad escape in a quoted text');
        return { kind: 'literal', value };
      }
      case 'char':
      case 'number': {
        const value = parseGoNumber(token.text);
        if (value === null) return this.#fail(`bad number syntax: ${JSON.stringify(token.text)}`);
        return { kind: 'literal', value };
      }
      case 'variable':
        return { kind: 'variable', name: this.#known(token.text) };
      case 'field':
        return { kind: 'field', name: token.text.slice(1) };
      case 'word':
        return this.#word(token.text);
      default:
        return token.text === '(' ? this.#parenthesis() : { kind: 'dot' };
    }
  }

  #word(text: string): Operand['base'] {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
    if (text === 'nil') return { kind: 'literal', value: null };
    if (functions.has(text)) return { kind: 'call', name: text };
    return this.#fail(NEEDS_SERIES.includes(text) ? `function "${text}" is not supported` : `function "${text}" not defined`);
  }

  #parenthesis(): Operand['base'] {
    const pipe = this.#pipe(0);
    if (!this.#isSign(')')) throw new TemplateFailure('unclosed left paren');
    this.#next += 1;
    return { kind: 'pipe', pipe };
  }

  #known(name: string): string {
    return this.#variables.includes(name) ? name : this.#fail(`undefined variable "${name}"`);
  }

  #close(): void {
    const token = this.#peek();
    if (token?.kind !== 'close') throw new TemplateFailure(`unexpected ${JSON.stringify(token?.text ?? 'end of template')} in action`);
    this.#next += 1;
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT) throw new TemplateFailure('nested too deeply');
  }

  /** About the token that was just taken. */
  #fail(message: string): never {
    this.#next -= 1;
    throw new TemplateFailure(message);
  }

  #isSign(text: string): boolean {
    const token = this.#peek();
    return token?.kind === 'sign' && token.text === text;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    return token;
  }
}
