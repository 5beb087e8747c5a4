import type { Principal } from '../core/access/actor.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Scenario, ScriptedDeed, ScriptedFault } from '../core/scenarios/parse-scenario.ts';
import { formatProblem } from '../core/base/problem.ts';
import { SECOND } from '../core/base/time.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import { acknowledgeAlert, resolveAlert } from '../engine/commands/alerts.ts';
import { decideByLink, readDecisionToken } from '../engine/commands/decision-links.ts';
import { approveRun, askForRun, cancelRun, rejectRun } from '../engine/commands/runs.ts';
import { ingestAlerts } from '../engine/ingest.ts';
import { refuse, type Result } from '../core/base/result.ts';
import { Simulation } from './simulation.ts';

/** Plays a scenario to its end; the caller closes the simulation. */
export async function playScenario(scenario: Scenario, settings: Settings): Promise<Simulation> {
  const behaviour = (action: string) => scenario.actions.get(action) ?? { takes: SECOND, exitCode: 0 };
  const { start, seed, servers, staleRate, hosts } = scenario;
  const simulation = new Simulation({ settings, start, seed, servers, staleRate, hosts, behaviour });
  for (const { labels, moves } of scenario.series) {
    simulation.series.script(
      labels,
      moves.map((move) => ({ at: start + move.at, value: move.value })),
    );
  }
  simulation.onActionEnd = (action, exitCode) => {
    if (exitCode !== 0) return;
    for (const { labels, value } of scenario.actions.get(action)?.sets ?? [])
      simulation.series.script(labels, [{ at: simulation.now, value }]);
  };
  for (const deed of scenario.people) simulation.at(deed.at, describeDeed(deed), (played) => doDeed(played, deed));
  for (const alert of scenario.alerts) {
    const stated = { ...alert, startsAt: null, endsAt: null, generatorUrl: '' };
    simulation.at(alert.at, `${alert.labels['alertname'] ?? 'an alert'} is reported ${alert.status}`, async (played) => {
      await ingestAlerts(played.world, played.settings, [stated]);
    });
  }
  for (const fault of scenario.faults) simulation.at(fault.at, describeFault(fault), (played) => applyFault(played, fault));
  return simulation.until(scenario.length);
}

/** The expected lines that the trace does not have in this order; a line of the trace needs to contain the expected text. */
export function missingLines(scenario: Scenario, trace: readonly string[]): string[] {
  let from = 0;
  return scenario.expect.filter((wanted) => {
    const found = trace.findIndex((line, index) => index >= from && normal(line).includes(normal(wanted)));
    if (found >= 0) from = found + 1;
    return found < 0;
  });
}

function normal(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function describeDeed(deed: ScriptedDeed): string {
  return `${deed.who} says ${deed.does.replaceAll('_', ' ')} ${deed.target}${deed.comment === '' ? '' : `: ${deed.comment}`}`;
}

async function doDeed(simulation: Simulation, deed: ScriptedDeed): Promise<void> {
  const principal: Principal = {
    actor: { kind: 'user', name: deed.who },
    role: 'admin',
    teams: teamsOf(simulation.settings, deed.who),
    actions: null,
  };
  const outcome = await attempt(simulation, deed, principal);
  if ('error' in outcome) simulation.log(`refused: ${outcome.error.message}`);
}

async function attempt(simulation: Simulation, deed: ScriptedDeed, principal: Principal): Promise<Result<unknown>> {
  const { world, settings } = simulation;
  const { comment, target } = deed;
  if (deed.does === 'run')
    return askForRun(world, settings, { principal, action: target, parameters: deed.with, comment, alert: null, idempotencyKey: null });
  if (deed.does === 'acknowledge' || deed.does === 'resolve') {
    const open = await simulation.store.findAlerts({ states: ['firing', 'pending'], limit: 500 });
    const alert = open.items.find((candidate) => candidate.labels['alertname'] === target)?.id ?? target;
    return deed.does === 'resolve'
      ? resolveAlert(world, settings, { principal, alert, comment })
      : acknowledgeAlert(world, { principal, alert, comment });
  }
  if (deed.does === 'approve_by_link' || deed.does === 'reject_by_link') return useLink(simulation, deed);
  const [open] = await simulation.store.openRuns({ action: target });
  const said = { principal, run: open?.id ?? target, comment };
  if (deed.does === 'approve') return approveRun(world, said);
  return deed.does === 'reject' ? rejectRun(world, said) : cancelRun(world, said);
}

/** Opens the link of the last mail that asked this person about the action, and sends its form. */
async function useLink(simulation: Simulation, { who, does, target, comment }: ScriptedDeed): Promise<Result<unknown>> {
  const { world, settings, store } = simulation;
  for (const { asked, links } of simulation.mails.toReversed()) {
    if (asked.person !== who || links === null || (await store.load('run', asked.run)).value?.action !== target) continue;
    const address = does === 'approve_by_link' ? links.approve : links.reject;
    const link = readDecisionToken(world, address.slice(address.lastIndexOf('/') + 1));
    return link === null ? refuse('not_found', 'This link is not valid.') : decideByLink(world, settings, link, comment);
  }
  return refuse('not_found', `${who} got no link for ${target}`);
}

function teamsOf(settings: Settings, user: string): string[] {
  return [...settings.teams].filter(([, members]) => members.includes(user)).map(([team]) => team);
}

function describeFault(fault: ScriptedFault): string {
  switch (fault.kind) {
    case 'crash':
      return `the server dies ${fault.when} its next deed`;
    case 'sends fail':
      return `${Math.round(fault.rate * 100)} % of the sends fail from here on`;
    case 'agent':
      return `the agent of ${fault.host} is ${fault.connected ? 'back' : 'away'}`;
    case 'clock':
      return `the clock jumps by ${fault.by / SECOND} s`;
    case 'agent dies':
      return `the agent of ${fault.host} dies and starts again`;
    case 'configuration':
      return 'another configuration';
  }
}

async function applyFault(simulation: Simulation, fault: ScriptedFault): Promise<void> {
  if (fault.kind === 'crash') simulation.crash = fault.when;
  else if (fault.kind === 'sends fail') simulation.failSends(fault.rate);
  else if (fault.kind === 'clock') simulation.jumpClock(fault.by);
  else if (fault.kind === 'agent dies') await simulation.restartAgent(fault.host);
  else if (fault.kind === 'configuration') await reconfigure(simulation, fault.text);
  else await simulation.connectAgent(fault.host, { connected: fault.connected });
}

async function reconfigure(simulation: Simulation, text: string): Promise<void> {
  const { value, problems } = parseConfig([{ path: 'configuration', text }], { builtIn: null });
  if (value === null) for (const problem of problems) simulation.log(`not in force: ${formatProblem(problem)}`);
  else await simulation.reload(value);
}
