// Prometheus with the rules of bench/rules.ts.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './bench-server.ts';
import type { BenchRule, RuleServer } from './rule-server.ts';

export function hasPrometheus(): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v prometheus'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** With so many seconds between two evaluations. */
export async function startPrometheus(rules: readonly BenchRule[], every: number): Promise<RuleServer> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-bench-'));
  const texts = rules.map(({ expr, above }, i) => `      - { alert: rule-${i}, expr: '${expr} > ${above}' }\n`);
  const groups = rules.length === 0 ? '[]' : `\n  - name: bench\n    interval: ${every}s\n    rules:\n${texts.join('')}`;
  writeFileSync(join(folder, 'rules.yml'), `groups: ${groups}\n`);
  writeFileSync(join(folder, 'prometheus.yml'), `rule_files: [${join(folder, 'rules.yml')}]\n`);
  const port = await freePort();
  const args = ['--web.enable-remote-write-receiver', '--log.level=error', `--web.listen-address=127.0.0.1:${port}`];
  const files = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...args, ...files], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<true | null> => {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    return answer?.ok === true ? true : null;
  };
  await until('prometheus is ready', isReady);
  return {
    pid: child.pid ?? 0,
    writeUrl: `${url}/api/v1/write`,
    headers: {},
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
