import { type Metric, metric } from './collector.ts';

/** What the agent says about itself besides its process. */
export interface OwnCounts {
  readonly version: string;
  readonly missedSteps: number;
  readonly spooledBytes: number;
  readonly droppedBytes: number;
  readonly diskFailures: number;
  readonly delivered: number;
  readonly refused: number;
  readonly failures: number;
}

/** The agent's heartbeat and what it costs. The version stands only on the one series that is made for it. */
export function ownMetrics(counts: OwnCounts): Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    metric('tocsin_agent_up', 1),
    metric('tocsin_agent_info', 1, { version: counts.version }),
    metric('tocsin_agent_cpu_seconds_total', (user + system) / 1e6),
    metric('tocsin_agent_resident_memory_bytes', process.memoryUsage.rss()),
    metric('tocsin_agent_missed_steps_total', counts.missedSteps),
    metric('tocsin_agent_spool_bytes', counts.spooledBytes),
    metric('tocsin_agent_spool_dropped_bytes_total', counts.droppedBytes),
    metric('tocsin_agent_spool_disk_failures_total', counts.diskFailures),
    metric('tocsin_agent_batches_delivered_total', counts.delivered),
    metric('tocsin_agent_batches_refused_total', counts.refused),
    metric('tocsin_agent_send_failures_total', counts.failures),
  ];
}
