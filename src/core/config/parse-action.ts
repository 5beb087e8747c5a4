import type { Action, ApprovalPolicy, Parameter } from '../actions/action.ts';
import { placeholderName } from '../actions/placeholder.ts';
import { MINUTE } from '../base/time.ts';
import { sha256 } from '../base/sha256.ts';
import type { Attachments } from './attachments.ts';
import { allowPlaceholders, commandLine } from './parse-command.ts';
import { environment } from './parse-environment.ts';
import { type HostParameter, parseParameter } from './parse-parameter.ts';
import { parseHttp } from './parse-http.ts';
import { allowRunAs, userName } from './parse-run-as.ts';
import { parseScript } from './parse-script.ts';
import {
  boolean,
  duration,
  fullText,
  integer,
  listed,
  listOf,
  mapOf,
  type Note,
  optional,
  positiveDuration,
  type Reader,
  record,
  size,
  text,
} from './readers.ts';
import { checked, sourceOf } from './shared-readers.ts';
import { type Entry, entryOf, itemsOf, spotOf, type Tree } from './tree.ts';

/** The longest output that may be kept. */
const OUTPUT_LIMIT = 2 ** 30;
const TAGS_LIMIT = 20;
const WORDS_LIMIT = 200;
const DECIDING_ROLES = ['operator', 'admin'];

const approver = checked(fullText, (written) => {
  const [, kind = '', name = ''] = /^(user|team|role|token):(.+)$/.exec(written) ?? [];
  if (kind === '') return `expected user:NAME, team:NAME, role:NAME or token:NAME, found ${JSON.stringify(written)}`;
  return kind !== 'role' || DECIDING_ROLES.includes(name) ? null : `the role of one who decides is ${listed(DECIDING_ROLES)}`;
});

const approvalFields = record({
  by: optional(listOf(approver), []),
  expires: optional(positiveDuration, 30 * MINUTE),
  count: optional(integer(1, 10), 1),
  notify: optional(listOf(fullText), []),
  mail_channel: optional(fullText, null),
});

/** Who must approve: `{ by: [team:storage], expires: 30m, count: 1, notify: [team:storage, ops-hook], mail_channel: ops-mail }`. */
export const approval: Reader<ApprovalPolicy> = (tree, note) => {
  const fields = approvalFields(tree, note);
  if (fields === undefined) return undefined;
  const { mail_channel: mailChannel, ...rest } = fields;
  const value = { ...rest, mailChannel };
  const onlyPersons = value.by.length > 0 && value.by.every((by) => by.startsWith('user:'));
  if (!onlyPersons || new Set(value.by).size >= value.count) return value;
  note(spotOf(tree, 'count'), `${value.count} persons must approve, but only ${value.by.length} may`);
  return undefined;
};

const shortText = checked(fullText, (written) => (written.length <= WORDS_LIMIT ? null : `at most ${WORDS_LIMIT} characters`));

const tags = checked(listOf(shortText), (words) =>
  words.length > TAGS_LIMIT ? `more than ${TAGS_LIMIT} tags` : new Set(words).size < words.length ? 'a tag is there twice' : null,
);

/** Left for when the parameters are known. */
const asTree: Reader<Tree> = (tree) => tree;

const fields = record(
  {
    description: optional(text, ''),
    command: optional(commandLine, null),
    script: optional(asTree, null),
    http: optional(asTree, null),
    parameters: optional(mapOf(parseParameter), null),
    env: optional(environment, []),
    tags: optional(tags, []),
    owner: optional(shortText, ''),
    run_on: optional(fullText, null),
    run_as: optional(userName, null),
    timeout: optional(positiveDuration, 5 * MINUTE),
    output_limit: optional(
      checked(size, (bytes) => (bytes <= OUTPUT_LIMIT ? null : 'at most 1GB')),
      10 * 2 ** 20,
    ),
    memory_limit: optional(size, null),
    approval: optional(approval, null),
    concurrency: optional(integer(1, 1_000), 1),
    cooldown: optional(duration, 0),
    retry_safe: optional(boolean, false),
    collect: optional(listOf(checked(fullText, (path) => (path.startsWith('/') ? null : 'expected an absolute path'))), []),
  },
  ['schedule', 'steps', 'max_per_hour'],
);

/** An action of the section `actions`. */
export function parseAction({ key, at, value: tree }: Entry, attachments: Attachments, note: Note): Action | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const declared = [...(value.parameters?.values() ?? [])];
  const runOnName = value.run_on === null ? null : placeholderName(value.run_on);
  // The host to run on need not be declared where nothing else is to be said of it.
  const implied: HostParameter[] =
    runOnName !== null && !declared.some(({ name }) => name === runOnName)
      ? [{ name: runOnName, type: 'host', description: 'The host to run on', required: true, default: null }]
      : [];
  const parameters = [...declared, ...implied];
  const body = parseBody(tree, { attachments, parameters }, note);
  const runsSomewhere = allowRunOn(tree, value.run_on, parameters, note);
  const runsAsSomebody = allowRunAs(tree, note);
  if (body === undefined || !runsSomewhere || !runsAsSomebody) return undefined;
  const decisive = {
    ...body,
    parameters,
    env: value.env,
    runOn: value.run_on,
    runAs: value.run_as,
    timeout: value.timeout,
    outputLimitBytes: value.output_limit,
    memoryLimitBytes: value.memory_limit,
    retrySafe: value.retry_safe,
    collect: value.collect,
  };
  return {
    name: key,
    description: value.description,
    tags: value.tags,
    owner: value.owner,
    ...decisive,
    approval: value.approval,
    concurrency: value.concurrency,
    cooldown: value.cooldown,
    version: versionOf(decisive),
    source: sourceOf(at),
  };
}

/** What runs: exactly one of command, script and http. */
function parseBody(
  tree: Tree,
  { attachments, parameters }: { readonly attachments: Attachments; readonly parameters: readonly Parameter[] },
  note: Note,
): Pick<Action, 'command' | 'script' | 'http'> | undefined {
  const names = parameters.map(({ name }) => name);
  const [body, more] = ['command', 'script', 'http'].flatMap((key) => entryOf(tree, key) ?? []);
  if (body === undefined) note(tree, 'command is missing, or script, or http');
  else if (more !== undefined) note(more.at, `an action has a ${body.key} or a ${more.key}, not both`);
  else if (body.key === 'script') {
    const read = parseScript(body.value, { attachments, names }, note);
    return read && { ...read, http: null };
  } else if (body.key === 'http') {
    const http = parseHttp(body.value, parameters, note);
    return http && { command: ['http', http.method, http.url], script: null, http };
  } else if (allowPlaceholders(itemsOf(body.value), names, note))
    return { command: itemsOf(body.value).map((item) => (item.kind === 'scalar' ? item.text : '')), script: null, http: null };
  return undefined;
}

/** Of a script the hash stands for its content; descriptions decide nothing. */
function versionOf(decisive: Pick<Action, 'script' | 'http' | 'parameters' | 'runAs' | 'memoryLimitBytes'>): string {
  const parameters = decisive.parameters.map((each) => ({ ...each, description: '' }));
  // What an action does not use leaves no trace: its version stays the same in a program that knows more.
  const { script, http, runAs, memoryLimitBytes } = decisive;
  const used = {
    script: script?.sha256,
    http: http ?? undefined,
    runAs: runAs ?? undefined,
    memoryLimitBytes: memoryLimitBytes ?? undefined,
  };
  return sha256(JSON.stringify({ ...decisive, ...used, parameters }));
}

function allowRunOn(
  tree: Tree,
  runOn: string | null,
  parameters: readonly { name: string; type: string; required: boolean; default: unknown }[],
  note: Note,
): boolean {
  if (runOn === null) return true;
  const name = placeholderName(runOn);
  const parameter = parameters.find((each) => each.name === name);
  const wrong =
    name === null
      ? /[{}\s]/.test(runOn)
        ? 'expected the name of a host, or {name} of a parameter'
        : null
      : parameter === undefined || (parameter.type !== 'host' && parameter.type !== 'string' && parameter.type !== 'enum')
        ? `{${name}} must be a parameter of type host, string or enum`
        : !parameter.required && parameter.default === null
          ? `{${name}} must be required or have a default: a run needs its host`
          : null;
  if (wrong !== null) note(spotOf(tree, 'run_on'), wrong);
  return wrong === null;
}
