import { parseConfig } from '../core/config/parse-config.ts';
import { formatProblem, type Problem } from '../core/base/problem.ts';
import { parseScenario, type Scenario } from '../core/scenarios/parse-scenario.ts';
import { systemFiles } from '../io/files.ts';
import { missingLines, playScenario } from '../sim/play-scenario.ts';

const USAGE = `tocsin simulate SCENARIO.yml... [--json]

Plays a configuration with scripted series, people and faults in simulated time and prints what happened, with the second since the start.
Exit code 1 when an expected line is missing.

A scenario, all durations from the start:

  name: A full disk is cleaned
  length: 1h
  hosts: [web-1]
  configuration: { rules: ..., actions: ..., triggers: ... }     # or config: FILE beside the scenario
  series: { 'disk_used{instance="web-1"}': { 0s: 50, 10m: 97 } }
  actions: { clean: { takes: 40s, exit_code: 0, sets: { 'disk_used{instance="web-1"}': 40 } } }
  people: [{ at: 20m, who: bob, approve: clean }]                # reject, cancel, acknowledge, resolve, run
  alerts: [{ at: 5m, status: firing, labels: { alertname: X } }]
  faults: [{ at: 12m, crash: before }]                           # sends_fail, agent_away, agent_back, clock
  expect: ["start clean on web-1"]
`;
const FILE_LIMIT_BYTES = 4 << 20;

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Plays scenario files; gives the exit code. */
export async function simulate(args: readonly string[], streams: Streams): Promise<number> {
  const files = args.filter((arg) => !arg.startsWith('-'));
  const flags = args.filter((arg) => arg.startsWith('-'));
  if (flags.includes('--help')) {
    streams.stdout.write(USAGE);
    return 0;
  }
  const unknown = flags.find((flag) => flag !== '--json');
  if (files.length === 0 || unknown !== undefined) {
    streams.stderr.write(`${unknown === undefined ? 'Give the file of a scenario.' : `There is no option ${unknown}.`}\n\n${USAGE}`);
    return 2;
  }
  let code = 0;
  for (const file of files) code = Math.max(code, await simulateFile(file, { json: flags.includes('--json') }, streams));
  return code;
}

async function simulateFile(file: string, { json }: { readonly json: boolean }, streams: Streams): Promise<number> {
  const read = await load(file);
  if ('problems' in read) {
    for (const problem of read.problems) streams.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  const { scenario, settings } = read;
  const simulation = await playScenario(scenario, settings);
  const missing = missingLines(scenario, simulation.trace);
  const runs = await simulation.store.findRuns({ limit: 500 });
  await simulation.close();
  if (json) {
    const outcome = runs.items.map(({ action, host, state, reason, verification }) => ({ action, host, state, reason, verification }));
    streams.stdout.write(`${JSON.stringify({ name: scenario.name, trace: simulation.trace, runs: outcome, missing })}\n`);
  } else {
    streams.stdout.write(`${scenario.name}\n${simulation.trace.join('\n')}\n`);
    for (const run of runs.items.toReversed())
      streams.stdout.write(`run of ${run.action}: ${run.state}${run.verification === null ? '' : `, ${run.verification}`}\n`);
    for (const line of missing) streams.stderr.write(`${file}: expected, and not in the trace (or not in this order): ${line}\n`);
  }
  return missing.length === 0 ? 0 : 1;
}

type Loaded =
  | { readonly scenario: Scenario; readonly settings: NonNullable<ReturnType<typeof parseConfig>['value']> }
  | { readonly problems: readonly Problem[] };

async function load(file: string): Promise<Loaded> {
  let text: string;
  try {
    text = await systemFiles.readText(file, FILE_LIMIT_BYTES);
  } catch (error) {
    return { problems: [{ file, message: error instanceof Error ? error.message : String(error) }] };
  }
  const parsed = parseScenario(file, text);
  if (parsed.value === null) return parsed;
  const { config, configuration } = parsed.value;
  const path = config === null ? file : `${file.replace(/[^/]*$/, '')}${config}`;
  let source = configuration;
  if (config !== null) {
    try {
      source = await systemFiles.readText(path, FILE_LIMIT_BYTES);
    } catch (error) {
      return { problems: [{ file: path, message: error instanceof Error ? error.message : String(error) }] };
    }
  }
  const settings = parseConfig([{ path, text: source }], { builtIn: null });
  return settings.value === null ? { problems: settings.problems } : { scenario: parsed.value, settings: settings.value };
}
