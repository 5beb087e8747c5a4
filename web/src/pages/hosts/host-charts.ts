import type { Column, Columns } from '../../data/columns.ts';
import { lastValue } from '../../data/columns.ts';
import type { Unit } from '../../parts/format.ts';
import { type ChartModel, type Line, seriesColor } from '../../plots/chart-model.ts';
import { rateWindow } from '../../plots/ranges.ts';

/** A chart of a host: what to ask, and how the answers are drawn. */
export interface ChartPlan {
  readonly title: string;
  /** What one sees there, for those who do not know the names by heart. */
  readonly hint: string;
  readonly exprs: readonly string[];
  readonly model: (answers: readonly Columns[]) => ChartModel;
}

const MODES = ['user', 'system', 'nice', 'iowait', 'irq', 'softirq', 'steal'];
const FILES = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay|autofs|devtmpfs"';
const MOST_LINES = 12;

/** The value of a label in a PromQL string. */
function quote(text: string): string {
  return JSON.stringify(text);
}

export function hostCharts(host: string, step: number): readonly ChartPlan[] {
  const of = `instance=${quote(host)}`;
  const window = rateWindow(step);
  return [cpu(of, window), memory(of), load(of), space(of), diskIo(of, window), network(of, window), pressure(of, window)];
}

function cpu(of: string, window: string): ChartPlan {
  return {
    title: 'CPU',
    hint: 'Share of time by mode, all cores together',
    exprs: [`100 * avg by (mode) (rate(node_cpu_seconds_total{${of},mode!="idle"}[${window}]))`],
    model: ([answer]) => {
      const columns = [...(answer?.series ?? [])].toSorted((a, b) => rank(MODES, a.labels['mode']) - rank(MODES, b.labels['mode']));
      const lines = columns.map((column): Line => {
        const mode = column.labels['mode'] ?? '';
        return { label: mode, color: seriesColor(Math.max(0, MODES.indexOf(mode))), values: column.values };
      });
      return { ...empty('percent', answer), lines, stacked: true, max: 100 };
    },
  };
}

function memory(of: string): ChartPlan {
  const names = ['MemTotal', 'MemAvailable', 'Buffers', 'Cached', 'SwapTotal', 'SwapFree'];
  return {
    title: 'Memory',
    hint: 'Used is what cannot be given to others',
    exprs: names.map((name) => `node_memory_${name}_bytes{${of}}`),
    model: (answers) => {
      const [total, available, buffers, cached, swapTotal, swapFree] = answers.map((answer) => answer.series[0]?.values);
      const lines: Line[] = [];
      if (total && available) lines.push({ label: 'used', color: 'series-1', filled: true, values: combine(total, available, minus) });
      if (buffers && cached) lines.push({ label: 'cache', color: 'series-3', values: combine(buffers, cached, plus) });
      if (swapTotal && swapFree && (lastValue(swapTotal) ?? 0) > 0) {
        lines.push({ label: 'swap used', color: 'series-2', values: combine(swapTotal, swapFree, minus) });
      }
      const size = total === undefined ? null : lastValue(total);
      const thresholds = size === null ? [] : [{ value: size, label: 'total', tone: 'ink-3', bad: 'none' as const }];
      return { ...empty('bytes', answers[0]), lines, thresholds };
    },
  };
}

function load(of: string): ChartPlan {
  return {
    title: 'Load',
    hint: 'Processes that run or want to, averaged over 1, 5 and 15 minutes',
    exprs: [`node_load1{${of}}`, `node_load5{${of}}`, `node_load15{${of}}`, `count(node_cpu_seconds_total{${of},mode="idle"})`],
    model: (answers) => {
      const names = ['1 min', '5 min', '15 min'];
      const lines = names.flatMap((label, index): Line[] => {
        const values = answers[index]?.series[0]?.values;
        return values === undefined ? [] : [{ label, color: seriesColor(index), values, ...(index === 2 && { dashed: true as const }) }];
      });
      const cores = lastValue(answers[3]?.series[0]?.values ?? []);
      const thresholds =
        cores === null ? [] : [{ value: cores, label: cores === 1 ? '1 core' : `${cores} cores`, tone: 'ink-3', bad: 'none' as const }];
      return { ...empty('number', answers[0]), lines, thresholds };
    },
  };
}

function space(of: string): ChartPlan {
  return {
    title: 'Disk space',
    hint: 'Used share of each mounted file system',
    exprs: [`100 * (1 - node_filesystem_avail_bytes{${of},${FILES}} / node_filesystem_size_bytes{${of},${FILES}})`],
    model: ([answer]) => ({ ...empty('percent', answer), lines: named(answer, 'mountpoint'), max: 100 }),
  };
}

function diskIo(of: string, window: string): ChartPlan {
  return {
    title: 'Disk I/O',
    hint: 'Read above, written below the line',
    exprs: [`rate(node_disk_read_bytes_total{${of}}[${window}])`, `rate(node_disk_written_bytes_total{${of}}[${window}])`],
    model: ([read, written]) => ({ ...empty('bytes/s', read), lines: mirrored(read, written, ['read', 'written']) }),
  };
}

function network(of: string, window: string): ChartPlan {
  const some = `${of},device!="lo"`;
  return {
    title: 'Network',
    hint: 'Received above, sent below the line',
    exprs: [`rate(node_network_receive_bytes_total{${some}}[${window}])`, `rate(node_network_transmit_bytes_total{${some}}[${window}])`],
    model: ([received, sent]) => ({ ...empty('bytes/s', received), lines: mirrored(received, sent, ['in', 'out']) }),
  };
}

function pressure(of: string, window: string): ChartPlan {
  const kinds = [
    ['cpu_waiting', 'cpu'],
    ['memory_waiting', 'memory'],
    ['memory_stalled', 'memory, all stalled'],
    ['io_waiting', 'I/O'],
    ['io_stalled', 'I/O, all stalled'],
  ] as const;
  return {
    title: 'Pressure',
    hint: 'Share of time in which work waited for a resource',
    exprs: kinds.map(([kind]) => `100 * rate(node_pressure_${kind}_seconds_total{${of}}[${window}])`),
    model: (answers) => ({
      ...empty('percent', answers[0]),
      lines: kinds.flatMap(([, label], index): Line[] => {
        const values = answers[index]?.series[0]?.values;
        return values === undefined
          ? []
          : [{ label, color: seriesColor(index), values, ...(label.endsWith('stalled') && { dashed: true as const }) }];
      }),
    }),
  };
}

function empty(unit: Unit, answer: Columns | undefined): ChartModel {
  return { unit, at: answer?.at ?? [], lines: [], thresholds: [] };
}

function named(answer: Columns | undefined, label: string): Line[] {
  return busiest(answer?.series ?? []).map((column, index) => ({
    label: column.labels[label] ?? '',
    color: seriesColor(index),
    values: column.values,
  }));
}

/** One colour a device: what comes in above the line, what goes out below it, dashed. */
function mirrored(above: Columns | undefined, below: Columns | undefined, [up, down]: readonly [string, string]): Line[] {
  const devices = moving(above, below).slice(0, MOST_LINES / 2);
  return devices.flatMap((column, index): Line[] => {
    const device = column.labels['device'] ?? '';
    const other = below?.series.find(({ labels }) => labels['device'] === device);
    const color = seriesColor(index);
    const first: Line = { label: `${device} ${up}`, color, values: column.values, filled: true };
    return other === undefined ? [first] : [first, { label: `${device} ${down}`, color, values: other.values, filled: true, below: true }];
  });
}

function busiest(columns: readonly Column[]): Column[] {
  return columns.toSorted((a, b) => peak(b) - peak(a)).slice(0, MOST_LINES);
}

/** The devices that do anything; all of them when none does. */
function moving(above: Columns | undefined, below: Columns | undefined): Column[] {
  const devices = busiest(above?.series ?? []);
  const out = new Map((below?.series ?? []).map((column) => [column.labels['device'], peak(column)]));
  const busy = devices.filter((column) => peak(column) > 0 || (out.get(column.labels['device']) ?? 0) > 0);
  return busy.length > 0 ? busy : devices;
}

function peak(column: Column): number {
  return column.values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

type Values = readonly (number | null)[];

function combine(a: Values, b: Values, join: (x: number, y: number) => number): (number | null)[] {
  return a.map((x, index) => {
    const y = b[index];
    return x === null || y === null || y === undefined ? null : join(x, y);
  });
}

const minus = (x: number, y: number): number => x - y;
const plus = (x: number, y: number): number => x + y;

function rank(order: readonly string[], name: string | undefined): number {
  const index = order.indexOf(name ?? '');
  return index < 0 ? order.length : index;
}
