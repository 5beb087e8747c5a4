import { assert } from '../base/assert.ts';
import { parseTree, type Tree } from './tree.ts';

/** What the built-in demonstration needs to know of this installation. */
export interface BuiltIn {
  /** How the program starts itself: `[node, tocsin.js]`; `demo-clean-up FILE` is added. */
  readonly program: readonly string[];
  /** The file in the local agent's textfile directory that stands for the problem. */
  readonly demoFile: string;
}

/** Everything that belongs to the demonstration: it is there as a whole or not at all. */
export const DEMO_NAMES: readonly string[] = [
  'rules.Demo',
  'actions.demo-clean-up',
  'triggers.demo',
  'triggers.demo-advice',
  'recommendations.demo',
];

/** The configuration that ships with the program: rules for any host, and the demonstration. */
export function builtInTree({ program, demoFile }: BuiltIn): Tree {
  const command = [...program, 'demo-clean-up', '{file}'];
  // Only that one file, so that the demonstration can be used for nothing else.
  const pattern = demoFile.replaceAll(/[^A-Za-z0-9_/ -]/gu, (char) => `\\x{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  const put: Readonly<Record<string, string>> = {
    COMMAND: JSON.stringify(command),
    FILE: JSON.stringify(demoFile),
    PATTERN: JSON.stringify(pattern),
  };
  const text = RULES + DEMO.replaceAll(/\$(COMMAND|FILE|PATTERN)/g, (_, name: string) => put[name] ?? '');
  const { tree, problems } = parseTree({ path: '', text });
  assert(tree !== null, `the built-in configuration is wrong: ${problems[0]?.message}`);
  return tree;
}

const RULES = `
rules:
  cpu-utilization:
    # A share of all time: right also in the first minute, when a rate alone is too low.
    expr: 100 * (1 - sum by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])) / sum by (instance) (rate(node_cpu_seconds_total[1m])))
    warning: { above: 70, for: 5m }
    critical: { above: 90, for: 2m }
    recovery: { below: 60, for: 3m }
    annotations:
      summary: CPU of {{ $labels.instance }} at {{ $value | printf "%.0f" }} %
      description: All cores together were busy {{ $value | printf "%.0f" }} % of the last minute.
  memory-utilization:
    expr: 100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)
    warning: { above: 80, for: 10m }
    critical: { above: 95, for: 1m }
    recovery: { below: 75, for: 5m }
    annotations:
      summary: Memory of {{ $labels.instance }} at {{ $value | printf "%.0f" }} %
      description: What programs hold and cannot be freed for others is {{ $value | printf "%.1f" }} % of the memory.
  disk-utilization:
    expr: >-
      100 * (node_filesystem_size_bytes{fstype!~"ramfs|devtmpfs|squashfs|iso9660|udf|erofs|autofs|fuse\\\\.(snapfuse|lxcfs|portal)"} - node_filesystem_free_bytes)
      / (node_filesystem_size_bytes - node_filesystem_free_bytes + node_filesystem_avail_bytes)
      unless on (instance, device, mountpoint) node_filesystem_readonly == 1
    warning: { above: 85 }
    critical: { above: 95 }
    recovery: { below: 80 }
    annotations:
      summary: Disk {{ $labels.mountpoint }} of {{ $labels.instance }} at {{ $value | printf "%.0f" }} %
      description: The file system on {{ $labels.device }}, mounted at {{ $labels.mountpoint }}, is {{ $value | printf "%.1f" }} % full.
  load-per-core:
    expr: node_load5 / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"})
    warning: { above: 2, for: 10m }
    critical: { above: 5, for: 5m }
    recovery: { below: 1.5, for: 3m }
    annotations:
      summary: Load of {{ $labels.instance }} at {{ $value | printf "%.1f" }} per core
      description: For each core {{ $value | printf "%.1f" }} programs ran or waited to run, over the last five minutes.
  out-of-memory:
    expr: increase(node_vmstat_oom_kill[10m])
    warning: { above: 0 }
    annotations:
      summary: "{{ $labels.instance }} ran out of memory and killed a program"
      description: The kernel ended {{ $value | printf "%.0f" }} programs within ten minutes because no memory was left.
`;

const DEMO = `
  Demo:
    # The second half makes the problem end soon after the file is gone, also where nothing marks the series as ended.
    expr: tocsin_demo_problem > 0 and last_over_time(tocsin_demo_problem[45s])
    warning: {}
    annotations:
      summary: A demonstration problem on {{ $labels.instance }}
      description: Somebody clicked "Try it". Approve the clean-up, watch it run, and see this alert resolve.
actions:
  demo-clean-up:
    description: Removes the file that stands for the demonstration problem, and tells what it does
    command: $COMMAND
    parameters:
      file: { type: string, description: The file that stands for the problem, pattern: $PATTERN, max_length: 4000, default: $FILE }
    timeout: 1m
    approval: { expires: 30m, count: 1 }
triggers:
  demo:
    match: alertname="Demo"
    run: demo-clean-up
    with: { file: $FILE }
    verify: { within: 2m }
  demo-advice:
    match: alertname="Demo"
    recommend: demo
recommendations:
  demo:
    title: Try the loop by hand
    responsible: Whoever is reading this
    instructions: |
      This is what a person would be told if no action could help:

      1. Look at the alert: *why it fired* and *who was told* stand in its timeline.
      2. Approve the waiting run of **demo-clean-up**, or reject it and remove the file yourself.
      3. Watch the alert resolve; the run is then marked as **fixed**.
`;
