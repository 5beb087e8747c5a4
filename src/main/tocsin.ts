/** One command: a word, a line for the list, and the function behind it, which gives the exit code. Each is loaded when it is used. */
interface Command {
  readonly summary: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { summary: 'start the server', run: async (args) => (await import('./serve.ts')).serveCommand(args) },
  agent: { summary: 'watch this host for a server elsewhere', run: async (args) => (await import('./agent.ts')).agentCommand(args) },
  'check-config': {
    summary: 'every problem of a configuration',
    run: async (args) => (await import('./check-config.ts')).checkConfigCommand(args),
  },
  simulate: {
    summary: 'play a scenario in simulated time',
    run: async (args) => (await import('../cli/simulate.ts')).simulate(args, process),
  },
  token: { summary: 'create tokens', run: async (args) => (await import('./accounts.ts')).tokenCommand(args) },
  user: { summary: 'invite people', run: async (args) => (await import('./accounts.ts')).userCommand(args) },
  'demo-clean-up': { summary: 'what the demonstration runs', run: async (args) => (await import('./demo.ts')).demoCleanUp(args) },
};

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
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) {
    const asked = name === undefined || name === '--help' || name === 'help';
    (asked ? process.stdout : process.stderr).write(asked ? USAGE : `There is no command ${name}.\n\n${USAGE}`);
    process.exitCode = asked ? 0 : 2;
    return;
  }
  process.exitCode = await command.run(args);
}

await main();
