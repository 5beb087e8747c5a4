import type { Parsed } from '../base/problem.ts';
import { SECOND, type Millis } from '../base/time.ts';
import {
  fullText,
  listOf,
  mapOf,
  type Note,
  Notes,
  oneOf,
  optional,
  positiveDuration,
  type Reader,
  record,
  size,
  text,
  integer,
} from '../config/readers.ts';
import { userName } from '../config/parse-run-as.ts';
import { type ConfigFile, parseTree, type Tree } from '../config/tree.ts';

/** What the file of an agent says. What the file leaves out is null: then the command line or the built-in value decides. */
export interface AgentConfig {
  readonly server: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
  readonly host: string | null;
  readonly data: string | null;
  /** A whole number of seconds. */
  readonly interval: Millis | null;
  /** The folder whose `.prom` files are read. */
  readonly textfileDirectory: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | null;
  readonly actions: AgentActions;
}

/** What the acting half accepts, whatever the server says. */
export interface AgentActions {
  /** The names of the actions it executes; null: all of them. An empty list: none. */
  readonly allow: readonly string[] | null;
  /** The users as which commands may run, besides the agent's own. */
  readonly runAs: readonly string[];
  readonly longestTimeout: Millis | null;
  readonly outputBytes: number | null;
  /** Of all processes of one run together. */
  readonly memoryBytes: number | null;
  readonly atOnce: number | null;
}

const LONGEST_INTERVAL: Millis = 3_600 * SECOND;
const LABEL_NAME = /^[a-zA-Z_]\w*$/;
const WEB_ADDRESS = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/;
const RESERVED = ['instance', 'job'];
const ACTION_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

const server: Reader<string> = (tree, note) => {
  const address = fullText(tree, note);
  if (address === undefined || WEB_ADDRESS.test(address)) return address;
  note(tree, `expected an address such as https://tocsin.example.com, found ${JSON.stringify(address)}`);
  return undefined;
};

const interval: Reader<Millis> = (tree, note) => {
  const value = positiveDuration(tree, note);
  if (value === undefined) return undefined;
  if (value % SECOND === 0 && value <= LONGEST_INTERVAL) return value;
  note(tree, 'expected whole seconds, at most an hour');
  return undefined;
};

const labels = mapOf((entry, note) => {
  if (!LABEL_NAME.test(entry.key) || entry.key.startsWith('__'))
    note(entry.at, `${JSON.stringify(entry.key)} cannot be the name of a label`);
  else if (RESERVED.includes(entry.key)) note(entry.at, `the label ${entry.key} is set by the agent itself`);
  else return text(entry.value, note);
  return undefined;
});

const actionName: Reader<string> = (tree, note) => {
  const name = fullText(tree, note);
  if (name === undefined || ACTION_NAME.test(name)) return name;
  note(tree, `${JSON.stringify(name)} cannot be the name of an action`);
  return undefined;
};

const actionFields = record({
  allow: optional(listOf(actionName), null),
  run_as: optional(listOf(userName), []),
  longest_timeout: optional(positiveDuration, null),
  output: optional(size, null),
  memory: optional(size, null),
  at_once: optional(integer(0, 1_000), null),
});

const fields = record({
  server: optional(server, null),
  token_file: optional(fullText, null),
  ca_file: optional(fullText, null),
  host: optional(fullText, null),
  data: optional(fullText, null),
  interval: optional(interval, null),
  textfile_directory: optional(fullText, null),
  labels: optional(labels, new Map<string, string>()),
  log_level: optional(oneOf('debug', 'info', 'warn', 'error'), null),
  actions: optional(actionFields, { allow: null, run_as: [], longest_timeout: null, output: null, memory: null, at_once: null }),
});

/** Reads the agent's own file (agent.yml), with every problem at its place. An empty file says nothing, and is fine. */
export function parseAgentConfig(file: ConfigFile): Parsed<AgentConfig> {
  const notes = new Notes();
  const { tree, problems } = parseTree(file);
  notes.add(problems);
  const value = tree === null ? undefined : readConfig(tree, notes.note);
  return { value: notes.problems.length === 0 ? (value ?? null) : null, problems: notes.problems };
}

function readConfig(tree: Tree, note: Note): AgentConfig | undefined {
  const isEmpty = tree.kind === 'scalar' && tree.value === null;
  const given = fields(isEmpty ? { ...tree, kind: 'map', entries: [] } : tree, note);
  if (given === undefined) return undefined;
  return {
    server: given.server?.replace(/\/+$/, '') ?? null,
    tokenFile: given.token_file,
    caFile: given.ca_file,
    host: given.host,
    data: given.data,
    interval: given.interval,
    textfileDirectory: given.textfile_directory,
    labels: Object.fromEntries(given.labels),
    logLevel: given.log_level,
    actions: {
      allow: given.actions.allow,
      runAs: given.actions.run_as,
      longestTimeout: given.actions.longest_timeout,
      outputBytes: given.actions.output,
      memoryBytes: given.actions.memory,
      atOnce: given.actions.at_once,
    },
  };
}
