import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { linuxCollectors } from '../../src/agent/collect/linux/collectors.ts';
import type { Metric } from '../../src/agent/collect/collector.ts';
import { formatLabels } from '../../src/core/base/labels.ts';
import { parseExposition } from '../../src/core/wire/exposition.ts';
import { systemClock } from '../../src/io/clock.ts';
import { systemFiles } from '../../src/io/files.ts';

/** What the agent leaves out on purpose of the collectors that it has, each with its reason. */
const LEFT_OUT: readonly RegExp[] = [
  /^node_disk_.*device="zram/, // later versions of node_exporter leave out compressed RAM disks as well
  /^node_network_speed_bytes/, // where the speed is not known, node_exporter says -125000
  /^node_time_zone_offset_seconds/, // the abbreviation of the time zone needs its data base in memory
  /^node_nf_conntrack_stat_/, // per-processor counters of the connection tracking
  /^node_scrape_collector_/,
];
/** Collectors of node_exporter that the agent has under the same name. */
const PREFIXES =
  /^node_(boot_time|context_switches|cpu|disk|entropy|filefd|filesystem|forks|intr|load|md|memory|netstat|network|nf_conntrack|os|pressure|procs|sockstat|softnet|thermal_zone|time_(seconds|clocksource|zone)|uname|vmstat)/;
/** Debian's own build hides these mount points and the loopback device, which node_exporter itself shows. */
const ONLY_OURS = /device="lo"|mountpoint="\/(run|mnt|media)(\/|")|node_netstat_TcpExt_(TCPOFOQueue|TCPRcvQDrop)|^node_processes_/;

let exporter: ChildProcess;
let theirs = new Map<string, number>();
let ours = new Map<string, number>();

function bySeries(metrics: readonly Metric[]): Map<string, number> {
  const entries = metrics.map(({ labels, value }) => {
    const known = Object.entries(labels).filter(([, text]) => text !== '');
    return [formatLabels(Object.fromEntries(known)), value] as const;
  });
  return new Map(entries);
}

/** The exporter chooses a free port and says which in its log. */
function startExporter(): Promise<string> {
  exporter = spawn('/usr/bin/prometheus-node-exporter', ['--web.listen-address=127.0.0.1:0', '--log.level=info'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  return new Promise((resolve, reject) => {
    exporter.stderr?.on('data', (chunk) => {
      log += String(chunk);
      const address = /Listening on.*?address=(127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (address !== undefined) resolve(`http://${address}/metrics`);
    });
    exporter.on('exit', () => reject(new Error(`node_exporter did not start: ${log}`)));
    exporter.on('error', reject);
  });
}

before(async () => {
  const url = await startExporter();
  const collectors = linuxCollectors();
  const from = { files: systemFiles, clock: systemClock, proc: '/proc', sys: '/sys', root: '' };
  const measure = async (): Promise<Metric[]> => (await Promise.all(collectors.map((collector) => collector.collect(from)))).flat();
  await measure();
  await (await fetch(url)).text();
  const [answer, metrics] = await Promise.all([fetch(url).then((response) => response.text()), measure()]);
  ours = bySeries(metrics);
  theirs = bySeries(parseExposition(answer).value?.samples ?? []);
});

after(async () => {
  exporter.kill();
  if (exporter.exitCode === null) await once(exporter, 'exit');
});

test('every series of node_exporter, of the collectors that the agent has, is there with the same labels', () => {
  const wanted = [...theirs.keys()].filter((series) => PREFIXES.test(series) && !LEFT_OUT.some((pattern) => pattern.test(series)));
  assert.ok(wanted.length > 200, `only ${wanted.length} to compare`);
  assert.deepEqual(
    wanted.filter((series) => !ours.has(series)),
    [],
  );
});

test('the agent invents no names', () => {
  const invented = [...ours.keys()].filter((series) => !theirs.has(series) && !ONLY_OURS.test(series));
  assert.deepEqual(invented, []);
});

test('the values are the same, as far as the machine stood still', () => {
  const different: string[] = [];
  let compared = 0;
  for (const [series, value] of ours) {
    const other = theirs.get(series);
    if (other === undefined || !PREFIXES.test(series) || /^node_procs_|^node_load|^node_entropy/.test(series)) continue;
    compared += 1;
    const tolerance = Math.max(Math.abs(other) * 0.02, /_bytes/.test(series) ? 64e6 : 100);
    if (Math.abs(value - other) > tolerance) different.push(`${series}: ours ${value}, theirs ${other}`);
  }
  assert.ok(compared > 200);
  assert.deepEqual(different, []);
});
