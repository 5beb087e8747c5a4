import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Principal } from '../core/access/actor.ts';
import { refuse } from '../core/base/result.ts';
import type { Document } from '../core/recommendations/recommendation.ts';
import { takeForeignAlerts } from '../engine/commands/foreign-alerts.ts';
import { receiveRunReport } from '../engine/receive.ts';
import { agentRoutes } from '../server/agents/routes.ts';
import { whyExpelled } from '../server/gate.ts';
import { actionVerbs } from '../server/api/actions.ts';
import { alertVerbs } from '../server/api/alerts.ts';
import { auditVerbs } from '../server/api/audit.ts';
import { hostVerbs } from '../server/api/hosts.ts';
import { recommendationVerbs } from '../server/api/recommendations.ts';
import { runVerbs } from '../server/api/runs.ts';
import { keepingVerbs } from '../server/api/keeping.ts';
import { seriesVerbs } from '../server/api/series.ts';
import { systemVerbs } from '../server/api/system.ts';
import type { KeepingPart } from '../server/keeping-part.ts';
import type { ServerParts } from '../server/parts.ts';
import type { ComposeInput, Shared } from './opened.ts';
import { demoPart } from './demo.ts';
import { seriesDocument } from './series-document.ts';
import { keepingPart } from './keeping-part.ts';
import { measureSenders, measureSeries } from './series-gauges.ts';
import { seriesPart } from './series-part.ts';
import { statusOf } from './server-status.ts';
import { ROOT, VERSION } from './installation.ts';

/** What the HTTP server is given. */
export function serverParts(shared: Shared, input: ComposeInput): ServerParts {
  const { world, settings, outputs, live, accounts, counters, hub } = shared;
  const timers = { after: startTimer };
  const series = seriesPart(shared.series);
  const keeping = keepingPart({ world, keeping: shared.series.local });
  const parts: ServerParts = {
    version: VERSION,
    ...(input.tls !== null && { serverFactory: input.tls.serverFactory }),
    world,
    settings: settings.current,
    configuration: followConfiguration(shared),
    credentials: accounts.credentials,
    timers,
    counters,
    gauges: async () => {
      measureSenders(counters, shared.senders.describe());
      await measureSeries(counters, shared.series);
    },
    fixedTokens: fixedTokens(shared, input),
    keeping,
    nouns: nounsOf(shared, input, keeping),
    foreignAlerts: {
      receive: (format, body, principal) => takeForeignAlerts(world, settings.current(), { format, body, principal }),
    },
    series: {
      ...series,
      write: async (request) => {
        const outcome = await series.write(request);
        if (!('error' in outcome) && outcome.samples > 0) live.publish(['samples']);
        return outcome;
      },
    },
    outputs,
    live,
    openDocument,
    loadPage,
    whyNotReady: () => (shared.series.isOpen ? (shared.state.ready ? null : 'starting or ending') : 'the series store reads its journal'),
    reload: async () => {
      const problems = await settings.reload();
      return problems.length === 0
        ? { ok: null }
        : refuse('bad_request', 'The configuration is wrong; the last good one stays in force.', problems);
    },
    extensions: [
      agentRoutes({
        hub,
        random: world.random,
        timers,
        counters,
        log: world.log,
        ordered: async (run) => (await world.store.load('run', run)).value,
        onReport: (host, fact) => receiveRunReport(world, host, fact),
        outputs,
        whyExpelled: (request) => whyExpelled(parts, request),
      }),
    ],
  };
  return parts;
}

/** Remembers when the configuration was last loaded, and since when it is wrong. */
function followConfiguration({ world, settings }: Shared): ServerParts['configuration'] {
  let loadedAt = world.clock.startedAt;
  let failedAt: number | null = null;
  settings.onChange(async () => {
    const now = world.clock.now();
    if (settings.problems.length === 0) loadedAt = now;
    failedAt = settings.problems.length === 0 ? null : (failedAt ?? now);
  });
  return () => ({ loadedAt, failedAt, problems: settings.problems });
}

function nounsOf(
  { world, settings, series, state }: Shared,
  { demoFile, options }: ComposeInput,
  keeping: KeepingPart,
): ServerParts['nouns'] {
  const context = { world, settings: settings.current, documentSize };
  const status = statusOf({ world, series, settings, localAgent: () => state.localAgent });
  return {
    alerts: alertVerbs(context),
    actions: actionVerbs(context),
    runs: runVerbs(context),
    recommendations: recommendationVerbs(context),
    hosts: hostVerbs(context),
    series: seriesVerbs({ keeping, describe: async (top) => seriesDocument(await series.status(top), world.clock.now()) }),
    keeping: keepingVerbs({ world, keeping: series.local }),
    system: systemVerbs({
      world,
      version: VERSION,
      status,
      demo: demoPart(demoFile, () => options.localAgent && settings.current().rules.has('Demo')),
    }),
    audit: auditVerbs(context),
  };
}

/** Credentials that come with the installation: the local agent's, and the administrator's of the environment. */
function fixedTokens({ accounts }: Shared, { agentToken, host, options }: ComposeInput): ReadonlyMap<string, Principal> {
  const { digest } = accounts.credentials;
  const tokens = new Map<string, Principal>([
    [digest(agentToken), { actor: { kind: 'agent', name: host }, role: 'agent', teams: [], actions: null }],
  ]);
  if (options.adminToken !== null)
    tokens.set(digest(options.adminToken), { actor: { kind: 'token', name: 'environment' }, role: 'admin', teams: [], actions: null });
  return tokens;
}

function startTimer(wait: number, callback: () => void): () => void {
  const timer = setTimeout(callback, wait);
  timer.unref();
  return () => clearTimeout(timer);
}

async function documentSize(document: Document): Promise<number | null> {
  const state = await stat(document.path).catch(() => null);
  return state?.isFile() === true ? state.size : null;
}

async function openDocument(document: Document) {
  const bytes = await documentSize(document);
  return bytes === null ? null : { bytes, chunks: createReadStream(document.path) };
}

const PAGE_FOLDER = join(ROOT, 'web/dist');

async function loadPage(path: string): Promise<Uint8Array | null> {
  return readFile(join(PAGE_FOLDER, path)).catch(() => null);
}
