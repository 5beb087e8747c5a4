import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Principal } from '../../src/core/access/actor.ts';
import type { Counters } from '../../src/core/base/counters.ts';
import type { Hello } from '../../src/contract/agent.ts';
import { systemRandom } from '../../src/io/random.ts';
import { Hub } from '../../src/server/agents/hub.ts';
import { agentRoutes } from '../../src/server/agents/routes.ts';
import type { RunFact } from '../../src/server/agents/take-reports.ts';
import type { OutputPiece } from '../../src/server/parts.ts';

/** What a server remembers of runs, across its restarts: the other side of the agent in these tests. */
export class Remembered {
  readonly facts: RunFact[] = [];
  readonly pieces: (OutputPiece & { readonly run: string; readonly heardAt: number })[] = [];
  readonly hellos: Hello[] = [];
  readonly gone: string[] = [];
  readonly hosts = new Map<string, string>();
  readonly counters: Counters = new Map();
  #watchers: (() => void)[] = [];

  length(run: string): number {
    return this.pieces.reduce((sum, piece) => (piece.run === run ? sum + piece.bytes.length : sum), 0);
  }

  append(run: string, piece: OutputPiece): number {
    const length = this.length(run);
    if (piece.offset > length) return length;
    const bytes = piece.bytes.subarray(length - piece.offset);
    if (bytes.length > 0) this.pieces.push({ ...piece, run, offset: length, bytes, heardAt: performance.now() });
    this.changed();
    return length + bytes.length;
  }

  text(run: string, stream?: OutputPiece['stream']): string {
    const pieces = this.pieces.filter((piece) => piece.run === run && (stream === undefined || piece.stream === stream));
    return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
  }

  of<T extends RunFact['type']>(run: string, type: T): Extract<RunFact, { type: T }>[] {
    return this.facts.filter((fact): fact is Extract<RunFact, { type: T }> => fact.run === run && fact.type === type);
  }

  changed(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  /** Returns when it is true; rejects after ten seconds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#watchers.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

export interface ServerSide {
  readonly url: string;
  readonly port: number;
  readonly hub: Hub;
  readonly remembered: Remembered;
  close(): Promise<void>;
}

const LOG = { info: () => {}, warn: () => {}, error: (message: string, fields?: unknown) => console.error(message, fields) };

/** The routes of agents on a real server; the credentials are the name of the host. */
export async function startServerSide(remembered = new Remembered(), port = 0): Promise<ServerSide> {
  const hub = new Hub({
    log: LOG,
    onHello: async (_host, hello) => {
      remembered.hellos.push(hello);
      remembered.changed();
    },
    onGone: async (host) => {
      remembered.gone.push(host);
    },
  });
  const server = Fastify({ forceCloseConnections: true });
  letIn(server);
  agentRoutes({
    hub,
    log: LOG,
    random: systemRandom,
    timers: { after },
    counters: remembered.counters,
    ordered: async (run) => ({ host: remembered.hosts.get(run) ?? 'box', outputLimitBytes: 1 << 30 }),
    onReport: async (_host, fact) => {
      remembered.facts.push(fact);
      remembered.changed();
    },
    outputs: { length: async (run) => remembered.length(run), append: async (run, piece) => remembered.append(run, piece) },
    whyExpelled: async () => null,
  })(server);
  await server.listen({ port, host: '127.0.0.1' });
  const { port: actual } = server.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, port: actual, hub, remembered, close: () => server.close() };
}

function letIn(server: FastifyInstance): void {
  server.decorateRequest('principal', null);
  server.addHook('onRequest', async (request) => {
    const name = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const principal: Principal = { actor: { kind: 'agent', name }, role: 'agent', teams: [], actions: null };
    request.principal = principal;
  });
}

function after(wait: number, callback: () => void): () => void {
  const timer = setTimeout(callback, wait);
  timer.unref();
  return () => clearTimeout(timer);
}
