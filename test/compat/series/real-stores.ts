import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../e2e/program.ts';
import { until } from '../../e2e/until.ts';

/** A series store of others that takes remote write and answers Prometheus' queries. */
export interface RealStore {
  readonly name: string;
  readonly url: string;
  readonly write: string;
  stop(): Promise<void>;
}

/** Debian's Prometheus, empty, that takes remote write; it also knows native histograms and exemplars. */
export function startEmptyPrometheus(config: object = {}): Promise<RealStore> {
  return start('prometheus', (folder, address) => {
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    return [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms,exemplar-storage',
      '--log.level=error',
    ];
  });
}

/** Debian's VictoriaMetrics, empty. */
export function startVictoriaMetrics(): Promise<RealStore> {
  return start('victoria-metrics', (folder, address) => [
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=${address}`,
    '-retentionPeriod=100y',
    '-search.latencyOffset=0s',
    '-search.disableCache',
    '-loggerLevel=ERROR',
  ]);
}

async function start(name: string, argumentsOf: (folder: string, address: string) => readonly string[]): Promise<RealStore> {
  const folder = mkdtempSync(join(tmpdir(), `tocsin-${name}-`));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = spawn(name, argumentsOf(folder, address), { stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = (): Promise<void> => end(child, folder);
  try {
    await until(
      `${name} answers`,
      () => {
        if (child.exitCode !== null) throw new Error(`${name} did not start`);
        const ready = fetch(`${url}/-/ready`).then(({ ok }) => ok);
        return ready.catch(() => false);
      },
      60_000,
    );
    return { name, url, write: `${url}/api/v1/write`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
