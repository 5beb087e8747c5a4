/** A query to begin with, and the metric without which it has nothing to show. */
export interface Example {
  readonly title: string;
  readonly expr: string;
  readonly needs: string;
}

const REAL_FILES = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay|autofs|devtmpfs"';

const EXAMPLES: readonly Example[] = [
  {
    title: 'How busy each host is',
    expr: '100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])))',
    needs: 'node_cpu_seconds_total',
  },
  {
    title: 'Where the processors spend their time',
    expr: 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))',
    needs: 'node_cpu_seconds_total',
  },
  { title: 'Memory that is left', expr: 'node_memory_MemAvailable_bytes', needs: 'node_memory_MemAvailable_bytes' },
  {
    title: 'The fullest file systems',
    expr: `topk(5, 1 - node_filesystem_avail_bytes{${REAL_FILES}} / node_filesystem_size_bytes{${REAL_FILES}})`,
    needs: 'node_filesystem_avail_bytes',
  },
  {
    title: 'What comes in over the network',
    expr: 'sum by (instance, device) (rate(node_network_receive_bytes_total{device!="lo"}[1m]))',
    needs: 'node_network_receive_bytes_total',
  },
  {
    title: 'Full in a day, if it goes on like this',
    expr: `predict_linear(node_filesystem_avail_bytes{${REAL_FILES}}[1h], 86400) < 0`,
    needs: 'node_filesystem_avail_bytes',
  },
  { title: 'Which targets can be scraped', expr: 'up', needs: 'up' },
];

const MOST = 6;

/** The metrics with the most series: an example that always shows something. */
const ANYWHERE: Example = {
  title: 'Which metrics have the most series',
  expr: 'topk(10, count by (__name__) ({__name__!=""}))',
  needs: '',
};

/** The examples that have something to show where these metrics are. */
export function examplesFor(metrics: ReadonlySet<string>): readonly Example[] {
  return [...EXAMPLES.filter(({ needs }) => metrics.has(needs)).slice(0, MOST - 1), ANYWHERE];
}
