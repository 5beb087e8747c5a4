import { type Collector, type Metric, metric, readOptional, toNumber } from '../collector.ts';

/** Files of /proc that hold one number and are not on every machine. */
function numbersCollector(name: string, wanted: readonly (readonly [file: string, name: string])[]): Collector {
  return {
    name,
    collect: async (from) => {
      const metrics: Metric[] = [];
      for (const [file, metricName] of wanted) {
        const value = toNumber(await readOptional(from, `${from.proc}/${file}`));
        if (!Number.isNaN(value)) metrics.push(metric(metricName, value));
      }
      return metrics;
    },
  };
}

export const conntrack = numbersCollector('conntrack', [
  ['sys/net/netfilter/nf_conntrack_count', 'node_nf_conntrack_entries'],
  ['sys/net/netfilter/nf_conntrack_max', 'node_nf_conntrack_entries_limit'],
]);

export const entropy = numbersCollector('entropy', [
  ['sys/kernel/random/entropy_avail', 'node_entropy_available_bits'],
  ['sys/kernel/random/poolsize', 'node_entropy_pool_size_bits'],
]);
