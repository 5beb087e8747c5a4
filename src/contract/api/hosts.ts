import { z } from 'zod';
import { endpoint, LabelSet, Millis } from '../endpoint.ts';

const HostView = z
  .object({
    name: z.string(),
    os: z.string(),
    agentVersion: z.string(),
    labels: LabelSet,
    firstSeenAt: Millis,
    lastSeenAt: Millis,
    connected: z.boolean(),
    local: z.boolean(),
    allowedActions: z.array(z.string()).nullable(),
    /** The worst severity of its firing alerts; `none` when nothing fires, `unknown` when the agent is silent. */
    severity: z.string(),
    firing: z.number(),
  })
  .meta({ id: 'Host' });

export const hosts = {
  list: endpoint({
    method: 'GET',
    path: '/api/hosts',
    summary: 'Hosts with an agent',
    tag: 'hosts',
    access: 'read',
    response: z.object({ items: z.array(HostView) }),
  }),
  get: endpoint({ method: 'GET', path: '/api/hosts/{name}', summary: 'One host', tag: 'hosts', access: 'read', response: HostView }),
  agents: endpoint({
    method: 'GET',
    path: '/api/agents',
    summary: 'Agents and whether they are connected',
    tag: 'hosts',
    access: 'read',
    response: z.object({ items: z.array(HostView) }),
  }),
  targets: endpoint({
    method: 'GET',
    path: '/api/discovery/hosts',
    summary: 'The hosts as target groups for http_sd_configs of Prometheus, with their labels',
    tag: 'hosts',
    access: 'read',
    query: z.object({ port: z.coerce.number().int().min(1).max(65_535).default(9100) }),
    response: z.array(z.object({ targets: z.array(z.string()), labels: LabelSet })),
  }),
};
