// How long an order takes: node bench/order-latency.ts [COUNT]
// A real server and the acting half of an agent on loopback; each order runs /bin/echo, one after the other.
import { obeyHere, order, systemDoors, temporaryFolder } from '../test/agents/agent-side.ts';
import { startServerSide } from '../test/agents/server-side.ts';

const count = Number(process.argv[2] ?? 200);
const WARM_UP = 20;
const folder = temporaryFolder();
const server = await startServerSide();
const doors = systemDoors();
const spawned = new Map<string, number>();
const exec: typeof doors.exec = {
  ...doors.exec,
  start: async (command, callbacks) => {
    const outcome = await doors.exec.start(command, callbacks);
    spawned.set(command.argv[1] ?? '', performance.now());
    return outcome;
  },
};
const agent = obeyHere(server.url, folder.path, {}, { ...doors, exec });
const { remembered } = server;
await remembered.until('connected', () => remembered.hellos.length > 0);

const lengths = { 'order sent -> process spawned': [], '... -> first output at the server': [], '... -> end at the server': [] } as Record<
  string,
  number[]
>;
for (let index = 0; index < count + WARM_UP; index += 1) {
  const run = `run-${index}`;
  const from = performance.now();
  await server.hub.deliver('box', order(run, ['/bin/echo', run]));
  await remembered.until('end', () => remembered.of(run, 'finished').length > 0);
  const end = performance.now();
  if (index >= WARM_UP) {
    lengths['order sent -> process spawned']?.push((spawned.get(run) ?? end) - from);
    lengths['... -> first output at the server']?.push((remembered.pieces.find((piece) => piece.run === run)?.heardAt ?? end) - from);
    lengths['... -> end at the server']?.push(end - from);
  }
  remembered.facts.length = 0;
  remembered.pieces.length = 0;
}
for (const [what, values] of Object.entries(lengths)) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  console.log(`${what.padEnd(36)} p50 ${at(0.5)} ms   p90 ${at(0.9)} ms   p99 ${at(0.99)} ms`);
}
await agent.end();
await server.close();
folder.remove();
