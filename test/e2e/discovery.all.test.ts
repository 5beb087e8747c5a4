// Debian's Prometheus takes its targets from the hosts that have an agent.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type RealStore, startEmptyPrometheus } from '../compat/series/real-stores.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

const program = new Program({ config: { built_in: { rules: false, demo: false } } });
let prometheus: RealStore | undefined;
after(async () => {
  await prometheus?.stop();
  await program.close();
});

test('each host is a target, with the labels that relabelling makes of what is known of it', async () => {
  await program.start();
  await program.agentIsHere();
  const reader = await program.token('prometheus', 'viewer');
  const credentials = (reader.headers['authorization'] ?? '').replace('Bearer ', '');
  prometheus = await startEmptyPrometheus({
    scrape_configs: [
      {
        job_name: 'node',
        http_sd_configs: [
          { url: `${program.url}/api/discovery/hosts?port=9100`, refresh_interval: '1s', authorization: { type: 'Bearer', credentials } },
        ],
        relabel_configs: [
          { source_labels: ['__meta_tocsin_host'], target_label: 'instance' },
          { source_labels: ['__meta_tocsin_connected'], target_label: 'agent' },
        ],
      },
    ],
  });
  const { url } = prometheus;
  const target = await until('the target is there', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as {
      readonly data: { readonly activeTargets: readonly { readonly labels: Record<string, string>; readonly scrapeUrl: string }[] };
    };
    return data.activeTargets[0];
  });
  const { instance = '', agent, job } = target.labels;
  assert.deepEqual([agent, job], ['true', 'node']);
  assert.equal(target.scrapeUrl, `http://${instance.toLowerCase()}:9100/metrics`);
});
