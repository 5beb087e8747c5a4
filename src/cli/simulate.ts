import { parseConfig } from '../core/config/parse-config.ts';
import type { Attachments } from '../core/config/attachments.ts';
import type { ConfigFile } from '../core/config/tree.ts';
import { formatProblem, type Problem } from '../core/base/problem.ts';
import { parseScenario, type Scenario } from '../core/scenarios/parse-scenario.ts';
import { systemFiles } from '../io/files.ts';
import { parseCommandLine, runCommand, wrongUsage } from './command-line.ts';
import { missingLines, playScenario } from '../sim/play-scenario.ts';

const USAGE = `tocsin simulate SCENARIO.yml... [--seed N] [--json]

Plays a configuration with scripted series, people and faults in simulated time and prints what happened, with the second since the start.
Exit code 1 when an expected line is missing.

  --seed N           other chances than the scenario's own seed gives: which sends fail, which commits come too late
  --json             trace and runs as JSON

A scenario, all durations from the start:

  name: A full disk is cleaned
  length: 1h
  hosts: [web-1]
  configuration: { rules: ..., actions: ..., triggers: ... }     # or config: FILE beside the scenario
  series: { 'disk_used{instance="web-1"}': { 0s: 50, 10m: 97 } }
  actions: { clean: { takes: 40s, exit_code: 0, sets: { 'disk_used{instance="web-1"}': 40 } } }
  people: [{ at: 20m, who: bob, approve: clean }]                # reject, cancel, acknowledge, resolve, run
  alerts: [{ at: 5m, status: firing, labels: { alertname: X } }]
  faults: [{ at: 12m, crash: before }]                           # sends_fail, agent_away, agent_back, agent_dies, clock, configuration
  expect: ["start clean on web-1"]
`;
const FILE_LIMIT_BYTES = 4 << 20;

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Reads a configuration with everything it includes; `text`: what stands in the file instead of what is on disk. */
type LoadConfig = (
  path: string,
  text: string | null,
) => Promise<{ readonly files: readonly ConfigFile[]; readonly attachments: Attachments; readonly problems: readonly Problem[] }>;

const OPTIONS = { json: { type: 'boolean' }, seed: { type: 'string' } } as const;

/** Plays scenario files; gives the exit code. */
export async function simulate(args: readonly string[], streams: Streams, load: LoadConfig): Promise<number> {
  return runCommand(streams, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    if (positionals.length === 0) throw wrongUsage('Give the file of a scenario.');
    if (values.seed !== undefined && !/^\d{1,15}$/.test(values.seed)) throw wrongUsage(`--seed ${values.seed} is no number`);
    const how = { json: values.json === true, seed: values.seed === undefined ? null : Number(values.seed), load };
    let code = 0;
    for (const file of positionals) code = Math.max(code, await simulateFile(file, how, streams));
    return code;
  });
}

interface How {
  readonly json: boolean;
  /** Instead of the scenario's own. */
  readonly seed: number | null;
  readonly load: LoadConfig;
}

async function simulateFile(file: string, { json, seed, load }: How, streams: Streams): Promise<number> {
  const played = await read(file, load);
  if ('problems' in played) {
    for (const problem of played.problems) streams.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  const { settings } = played;
  const scenario = seed === null ? played.scenario : { ...played.scenario, seed };
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

type Played =
  | { readonly scenario: Scenario; readonly settings: NonNullable<ReturnType<typeof parseConfig>['value']> }
  | { readonly problems: readonly Problem[] };

async function read(file: string, load: LoadConfig): Promise<Played> {
  let text: string;
  try {
    text = await systemFiles.readText(file, FILE_LIMIT_BYTES);
  } catch (error) {
    return { problems: [{ file, message: error instanceof Error ? error.message : String(error) }] };
  }
  const parsed = parseScenario(file, text);
  if (parsed.value === null) return parsed;
  const { config, configuration } = parsed.value;
  const loaded = config === null ? await load(file, configuration) : await load(beside(file, config), null);
  const settings = parseConfig(loaded.files, { ...loaded, builtIn: null });
  return settings.value === null ? { problems: settings.problems } : { scenario: parsed.value, settings: settings.value };
}

function beside(file: string, path: string): string {
  return path.startsWith('/') ? path : `${file.replace(/[^/]*$/, '')}${path}`;
}
