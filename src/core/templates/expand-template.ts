import type { Labels } from '../base/labels.ts';
import { functions, type FunctionContext } from './functions.ts';
import { parseTemplate } from './parse-template.ts';
import type { Command, Node, Nodes, Operand, Pipe } from './template-tree.ts';
import { formatValue, isList, isTrue, TemplateFailure, typeName, type Value } from './value.ts';

/** What an alert's templates are about. */
export interface TemplateContext {
  readonly labels: Labels;
  /** Null is printed as NaN. */
  readonly value: number | null;
  readonly externalUrl: string;
  readonly externalLabels?: Labels;
}

/** The longest result, in UTF-16 code units, and the most steps to it. */
const OUTPUT_LIMIT = 65_536;
const STEP_LIMIT = 100_000;
const CACHE_LIMIT = 1_000;

const parsed = new Map<string, ReturnType<typeof parseTemplate>>();

/**
 * A template of Prometheus (Go's text/template with Prometheus' functions) filled in for one alert: `$labels`, `$value`, `.Labels`...
 * What goes wrong stands in the text as `<error expanding template: ...>`, as Prometheus writes it.
 */
export function expandTemplate(text: string, context: TemplateContext): string {
  if (!text.includes('{{')) return text;
  const { value: nodes, problems } = cached(text);
  if (nodes === null) return failure(problems[0]?.message ?? 'bad template');
  const expansion = new Expansion(context);
  try {
    expansion.run(nodes);
    return expansion.output;
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    return failure(error.message);
  }
}

function failure(message: string): string {
  return `<error expanding template: ${message}>`;
}

function cached(text: string): ReturnType<typeof parseTemplate> {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= CACHE_LIMIT) parsed.clear();
  const fresh = parseTemplate(text);
  parsed.set(text, fresh);
  return fresh;
}

interface Variable {
  readonly name: string;
  value: Value;
}

class Expansion {
  output = '';
  #steps = 0;
  #dot: Value;
  readonly #context: FunctionContext;
  readonly #variables: Variable[];

  constructor({ labels, value, externalUrl, externalLabels }: TemplateContext) {
    const own: Value = { kind: 'map', entries: new Map(Object.entries(labels)) };
    const outer: Value = { kind: 'map', entries: new Map(Object.entries(externalLabels ?? {})) };
    const fields = new Map<string, Value>([
      ['Labels', own],
      ['ExternalLabels', outer],
      ['ExternalURL', externalUrl],
      ['Value', value ?? Number.NaN],
    ]);
    this.#dot = { kind: 'struct', fields };
    this.#context = { externalUrl };
    this.#variables = [
      { name: '$', value: this.#dot },
      { name: '$labels', value: own },
      { name: '$externalLabels', value: outer },
      { name: '$externalURL', value: externalUrl },
      { name: '$value', value: value ?? Number.NaN },
    ];
  }

  run(nodes: Nodes): void {
    for (const node of nodes) {
      this.#step();
      if (node.kind === 'text') this.#write(node.text);
      else if (node.kind === 'output') this.#print(node.pipe);
      else this.#control(node);
    }
  }

  #print(pipe: Pipe): void {
    const value = this.#pipe(pipe);
    if (pipe.declares.length === 0) this.#write(formatValue(value));
  }

  #control(node: Extract<Node, { readonly kind: 'if' | 'with' | 'range' }>): void {
    const visible = this.#variables.length;
    const dot = this.#dot;
    if (node.kind === 'range') {
      this.#range(node);
    } else {
      const value = this.#pipe(node.pipe);
      if (node.kind === 'with' && isTrue(value)) this.#dot = value;
      this.run(isTrue(value) ? node.body : node.otherwise);
    }
    this.#dot = dot;
    this.#variables.length = visible;
  }

  #range(node: Extract<Node, { readonly kind: 'if' | 'with' | 'range' }>): void {
    const over = this.#pipe({ ...node.pipe, declares: [] });
    const items = itemsOf(over);
    if (items.length === 0) this.run(node.otherwise);
    const { declares } = node.pipe;
    for (const [key, item] of items) {
      const visible = this.#variables.length;
      const named = declares.length === 2 ? [key, item] : [item];
      for (const [at, name] of declares.entries()) this.#variables.push({ name, value: named[at] ?? null });
      this.#dot = item;
      this.run(node.body);
      this.#variables.length = visible;
    }
  }

  #pipe(pipe: Pipe): Value {
    let value: Value = null;
    for (const [index, command] of pipe.commands.entries()) value = this.#command(command, index === 0 ? [] : [value]);
    for (const name of pipe.declares) {
      const known = pipe.assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
      if (known === undefined) this.#variables.push({ name, value });
      else known.value = value;
    }
    return value;
  }

  #command({ call, operands }: Command, piped: readonly Value[]): Value {
    this.#step();
    const [only] = operands;
    if (call !== null) return this.#call(call, operands, piped);
    if (only === undefined || piped.length > 0) throw new TemplateFailure("can't give argument to non-function");
    return this.#operand(only);
  }

  #call(name: string, operands: readonly Operand[], piped: readonly Value[]): Value {
    const found = functions.get(name);
    const count = operands.length + piped.length;
    if (found === undefined) throw new TemplateFailure(`function "${name}" not defined`);
    if (count < found.least || count > found.most) {
      throw new TemplateFailure(
        `wrong number of args for ${name}: want ${found.least === found.most ? '' : 'at least '}${found.least} got ${count}`,
      );
    }
    const args: Value[] = [];
    for (const operand of operands) {
      const value = this.#operand(operand);
      args.push(value);
      // `and` and `or` do not look at what comes after the answer.
      if ((name === 'and' && !isTrue(value)) || (name === 'or' && isTrue(value))) return value;
    }
    try {
      return found.call([...args, ...piped], this.#context);
    } catch (error) {
      if (error instanceof TemplateFailure) throw new TemplateFailure(`error calling ${name}: ${error.message}`);
      throw error;
    }
  }

  #operand({ base, fields }: Operand): Value {
    this.#step();
    let value: Value;
    if (base.kind === 'literal') value = base.value;
    else if (base.kind === 'dot') value = this.#dot;
    else if (base.kind === 'pipe') value = this.#pipe(base.pipe);
    else if (base.kind === 'call') value = this.#call(base.name, [], []);
    else value = this.#variables.findLast((variable) => variable.name === base.name)?.value ?? null;
    for (const field of fields) value = fieldOf(value, field);
    return value;
  }

  #write(text: string): void {
    this.output += text;
    if (this.output.length > OUTPUT_LIMIT) throw new TemplateFailure('the expanded text is too long');
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > STEP_LIMIT) throw new TemplateFailure('the template takes too long');
  }
}

function fieldOf(value: Value, field: string): Value {
  if (value !== null && typeof value === 'object' && !isList(value)) {
    if (value.kind === 'map') return value.entries.get(field) ?? '';
    const found = value.fields.get(field);
    if (found !== undefined) return found;
  }
  throw new TemplateFailure(
    value === null ? `nil data; no entry for key "${field}"` : `can't evaluate field ${field} in type ${typeName(value)}`,
  );
}

/** What `range` goes over, with the keys: a list in its order, a map by its names. */
function itemsOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === null) return [];
  if (isList(value)) return value.map((item, at) => [BigInt(at), item]);
  if (typeof value === 'object' && value.kind === 'map') return [...value.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  throw new TemplateFailure(`range can't iterate over ${formatValue(value).slice(0, 100)}`);
}
