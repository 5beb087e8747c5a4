import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A real Prometheus that serves the given samples. */
export interface PrometheusServer {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts Debian's Prometheus on a free port of the loopback with data from OpenMetrics text. */
export async function startPrometheus(openMetrics: string): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'promql-'));
  writeFileSync(join(folder, 'input.txt'), openMetrics);
  writeFileSync(join(folder, 'prometheus.yml'), 'global: {}\n');
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '-q', join(folder, 'input.txt'), join(folder, 'data')], {
    stdio: 'pipe',
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn(
    'prometheus',
    [...args, '--storage.tsdb.retention.time=100y', `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  try {
    await ready(url, child);
    const build = (await (await fetch(`${url}/api/v1/status/buildinfo`)).json()) as { data: { version: string } };
    return { url, version: build.data.version, stop: () => stop(child, folder) };
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (let round = 0; round < 300 && child.exitCode === null; round += 1) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null);
    if (answer?.ok === true) return;
    await wait(100);
  }
  throw new Error('Prometheus did not start');
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
