import { isUserName } from '../../core/actions/user-name.ts';
import { sha256 } from '../../core/base/sha256.ts';
import { formatDuration } from '../../core/base/time.ts';
import type { OrderLine } from '../../contract/agent.ts';
import type { Limits } from './doors.ts';

export type RunOrder = Extract<OrderLine, { type: 'run' }>;

export interface Load {
  /** The user whose rights the agent has. */
  readonly user: string;
  readonly running: number;
  readonly spoolBytes: number;
  readonly spooledRuns: number;
}

const MOST_SPOOLED_RUNS = 2_000;
const MOST_ARGUMENTS = 1_000;
const MOST_ARGUMENT_BYTES = 128_000;
const MOST_COLLECTED_FILES = 20;
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,200}$/;
/** Variables by which a loader, a shell or an interpreter runs other code than the argument vector names. */
const HIJACKING =
  /^(LD_.*|DYLD_.*|GCONV_PATH|NODE_OPTIONS|NODE_PATH|PYTHON.*|PERL5?(LIB|OPT|5LIB|5OPT|5DB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|BASH_ENV|BASH_FUNC.*|ENV|IFS|PATH|SHELLOPTS|PS4|PROMPT_COMMAND|GIT_.*|GLIBC_TUNABLES|LOCPATH|NLSPATH|TOCSIN_RUN|TOCSIN_MARK)$/;

/** Why this agent does not execute the order, whatever the server has decided; null: it does. */
export function whyRefused(order: RunOrder, limits: Limits, load: Load): string | null {
  if (!RUN_ID.test(order.run)) return 'The name of the run is not one that this agent keeps.';
  if (limits.allowedActions !== null && !limits.allowedActions.includes(order.action)) {
    return `The configuration of this agent does not allow the action ${order.action}.`;
  }
  if (order.timeout > limits.longestTimeout) {
    return `A timeout of ${formatDuration(order.timeout)} is longer than this agent allows (${formatDuration(limits.longestTimeout)}).`;
  }
  if (order.outputLimitBytes > limits.mostOutputBytes) {
    return `An output of ${order.outputLimitBytes} bytes is more than this agent allows (${limits.mostOutputBytes}).`;
  }
  const { runAs } = order;
  if (runAs !== null && runAs !== load.user && !limits.allowedUsers.includes(runAs)) {
    return `The configuration of this agent does not allow to run as ${runAs} (actions.run_as).`;
  }
  return whyMalformed(order) ?? whyTooBusy(order, limits, load);
}

function whyMalformed(order: RunOrder): string | null {
  if (order.argv[0] === '') return 'The command has no program.';
  if (order.argv.length > MOST_ARGUMENTS) return `The command has more than ${MOST_ARGUMENTS} arguments.`;
  if (order.argv.some((argument) => argument.includes('\0'))) return 'An argument holds a NUL character.';
  if (order.argv.some((argument) => argument.length > MOST_ARGUMENT_BYTES)) return 'An argument is too long.';
  for (const [name, value] of Object.entries(order.env)) {
    if (!VARIABLE.test(name) || HIJACKING.test(name)) return `The variable ${JSON.stringify(name.slice(0, 100))} must not be set.`;
    if (value.includes('\0') || value.length > MOST_ARGUMENT_BYTES) return `The value of the variable ${name} cannot be passed on.`;
  }
  const { http, script } = order;
  if (order.runAs !== null && !isUserName(order.runAs)) return 'The name of the user is none.';
  if (http !== null && order.runAs !== null) return 'A request is sent by the agent itself, as nobody else.';
  if (http !== null && !/^https?:\/\//i.test(http.url)) return 'The request goes to no web address.';
  if (script !== null && (script.at < 1 || script.at >= order.argv.length)) return 'The script has no place in the command.';
  if (script !== null && sha256(script.content) !== script.sha256) return 'The script is not the one that its SHA-256 names.';
  if (order.collect.length > MOST_COLLECTED_FILES) return `More than ${MOST_COLLECTED_FILES} files to collect.`;
  return null;
}

function whyTooBusy(order: RunOrder, limits: Limits, load: Load): string | null {
  if (load.running >= limits.mostRunsAtOnce) return `This agent already executes ${load.running} commands, and no more at once.`;
  if (load.spooledRuns >= MOST_SPOOLED_RUNS) return `This agent still keeps ${load.spooledRuns} runs that the server has not taken.`;
  if (load.spoolBytes + order.outputLimitBytes > limits.mostSpoolBytes) {
    return 'This agent has no room left for the output: it still keeps what the server has not taken.';
  }
  return null;
}
