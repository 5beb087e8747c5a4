import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Program } from '../e2e/program.ts';

const TOCSIN = resolve('bin/tocsin.js');
const TOKEN = 'e2e-administrator-0123456789abcdef';

/** What stands in the documents, and what stands for it here. Longer names first. */
export function substitutions(program: Program): readonly (readonly [string, string])[] {
  return [
    ['https://tocsin.example.com', program.url],
    ['/var/lib/tocsin-agent', join(program.root, 'agent-data')],
    ['/var/lib/tocsin', program.data],
    ['/etc/tocsin', join(program.root, 'config')],
    ['/tmp/spool', join(program.root, 'spool')],
  ];
}

/** Runs a document's commands where they find the server, `tocsin` and `systemctl`. */
export class Place {
  readonly env: Readonly<Record<string, string>>;
  readonly #program: Program;
  readonly #bin: string;

  constructor(program: Program) {
    this.#program = program;
    this.#bin = join(program.root, 'bin');
    mkdirSync(this.#bin);
    this.env = {
      PATH: `${this.#bin}:${process.env['PATH'] ?? ''}`,
      HOME: program.root,
      TOCSIN_SERVER: program.url,
      TOCSIN_TOKEN: TOKEN,
    };
    this.#install('tocsin', TOCSIN_STAND_IN);
    this.#install('systemctl', SYSTEMCTL_STAND_IN);
  }

  /** A folder to be in while the commands of one document run. */
  folder(name: string): string {
    const folder = join(this.#program.root, 'pages', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Ends what the commands started. */
  end(): void {
    const list = join(this.#program.root, 'started');
    if (!existsSync(list)) return;
    for (const pid of readFileSync(list, 'utf8').trim().split('\n')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  #install(name: string, script: string): void {
    const { root, data, configFile, url } = this.#program;
    const values: Readonly<Record<string, string>> = {
      NODE: process.execPath,
      TOCSIN,
      ROOT: root,
      DATA: data,
      CONFIG: configFile,
      LISTEN: new URL(url).host,
      TOKEN,
    };
    const path = join(this.#bin, name);
    writeFileSync(
      path,
      script.replaceAll(/@([A-Z]+)@/g, (_, key: string) => values[key] ?? ''),
    );
    chmodSync(path, 0o755);
  }
}

/** Servers and agents go to the background as soon as they work; everything else is the program itself. */
const TOCSIN_STAND_IN = `#!/bin/bash
case "$1" in
serve | agent)
  log=$(mktemp "@ROOT@/log.XXXXXX")
  TOCSIN_ADMIN_TOKEN="@TOKEN@" "@NODE@" "@TOCSIN@" "$@" >"$log" 2>&1 &
  pid=$!
  echo "$pid" >>"@ROOT@/started"
  for _ in $(seq 300); do
    grep -qE 'listens on|the agent has started' "$log" && exit 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$log" >&2
  exit 1
  ;;
*) exec "@NODE@" "@TOCSIN@" "$@" ;;
esac
`;

/** The service "tocsin", as the unit in docs/guide/operations.md starts it. */
const SYSTEMCTL_STAND_IN = `#!/bin/bash
set -eu
test "$2" = tocsin
pid=$(sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' "@DATA@/tocsin.pid" 2>/dev/null || true)
is_running() { test -n "$pid" && kill -0 "$pid" 2>/dev/null; }
case "$1" in
start) is_running || tocsin serve --config "@CONFIG@" --data "@DATA@" --listen "@LISTEN@" ;;
reload) is_running && kill -HUP "$pid" ;;
stop)
  is_running && kill -TERM "$pid"
  for _ in $(seq 300); do
    is_running || exit 0
    sleep 0.1
  done
  exit 1
  ;;
*) exit 2 ;;
esac
`;
