import type { Terminal } from '../cli/terminal.ts';
import { PreparedThread } from '../io/series/prepared-thread.ts';

/** One command: a word, a line for the list, and the function behind it, which gives the exit code. Each is loaded when it is used. */
interface Command {
  readonly summary: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { summary: 'start the server', run: serve },
  agent: { summary: 'watch this host for a server elsewhere', run: async (args) => (await import('./agent.ts')).agentCommand(args) },
  'check-config': {
    summary: 'every problem of a configuration',
    run: async (args) => (await import('./check-config.ts')).checkConfigCommand(args),
  },
  simulate: { summary: 'play a scenario in simulated time', run: async (args) => (await import('./simulate.ts')).simulateCommand(args) },
  status: {
    summary: 'how the parts of the server are',
    run: async (args) => (await import('../cli/status.ts')).status(args, await openTerminal()),
  },
  alerts: {
    summary: 'list alerts, show, acknowledge and resolve them',
    run: async (args) => (await import('../cli/alerts.ts')).alerts(args, await openTerminal()),
  },
  run: { summary: 'run an action and follow it', run: async (args) => (await import('../cli/run.ts')).run(args, await openTerminal()) },
  runs: { summary: 'the archive of runs', run: async (args) => (await import('../cli/runs.ts')).runs(args, await openTerminal()) },
  approve: { summary: 'let a waiting run start', run: (args) => decideOn('approve', args) },
  reject: { summary: 'do not let it start', run: (args) => decideOn('reject', args) },
  cancel: { summary: 'stop a run', run: (args) => decideOn('cancel', args) },
  hosts: { summary: 'hosts with an agent', run: async (args) => (await import('../cli/hosts.ts')).hosts(args, await openTerminal()) },
  query: {
    summary: 'evaluate a PromQL expression',
    run: async (args) => (await import('../cli/query.ts')).query(args, await openTerminal()),
  },
  series: {
    summary: 'delete samples, make snapshots of them',
    run: async (args) => (await import('../cli/series.ts')).series(args, await openTerminal()),
  },
  import: {
    summary: 'store the samples of a file',
    run: async (args) => (await import('../cli/import.ts')).importFile(args, await openTerminal()),
  },
  send: { summary: 'write one sample', run: async (args) => (await import('../cli/send.ts')).send(args, await openTerminal()) },
  token: { summary: 'create tokens', run: async (args) => (await import('./accounts.ts')).tokenCommand(args) },
  user: { summary: 'invite people', run: async (args) => (await import('./accounts.ts')).userCommand(args) },
  restore: { summary: 'bring samples back into a data folder', run: async (args) => (await import('./restore.ts')).restoreCommand(args) },
  secret: { summary: 'keep secrets, encrypted', run: async (args) => (await import('./secrets.ts')).secretCommand(args) },
};

/** What the program starts by itself; no list shows it. */
const INNER: Readonly<Record<string, Command['run']>> = {
  'demo-clean-up': async (args) => (await import('./demo.ts')).demoCleanUp(args),
};

async function serve(args: readonly string[]): Promise<number> {
  const seriesThread = new PreparedThread();
  return (await import('./serve.ts')).serveCommand(args, seriesThread);
}

async function openTerminal(): Promise<Terminal> {
  return (await import('./terminal.ts')).systemTerminal();
}

async function decideOn(verb: 'approve' | 'reject' | 'cancel', args: readonly string[]): Promise<number> {
  return (await import('../cli/decide.ts')).decide(verb, args, await openTerminal());
}

const USAGE = `tocsin COMMAND [options]     (tocsin COMMAND --help)

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`)
  .join('\n')}
`;

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === '--version') {
    const { VERSION } = await import('./installation.ts');
    process.stdout.write(`tocsin ${VERSION}\n`);
    return;
  }
  const run = name === undefined ? undefined : (COMMANDS[name]?.run ?? INNER[name]);
  if (run === undefined) {
    const asked = name === undefined || name === '--help' || name === 'help';
    (asked ? process.stdout : process.stderr).write(asked ? USAGE : `There is no command ${name}.\n\n${USAGE}`);
    process.exitCode = asked ? 0 : 2;
    return;
  }
  process.exitCode = await run(args);
}

await main();
