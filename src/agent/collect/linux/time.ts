import { type Collector, fields, type Metric, metric, readOptional } from '../collector.ts';

/** Linux has one clock-source device. */
const FOLDER = 'devices/system/clocksource/clocksource0';

export const time: Collector = {
  name: 'time',
  collect: async (from) => {
    const metrics: Metric[] = [metric('node_time_seconds', from.clock.now() / 1_000)];
    for (const which of ['available', 'current']) {
      for (const clocksource of fields((await readOptional(from, `${from.sys}/${FOLDER}/${which}_clocksource`)) ?? '')) {
        metrics.push(metric(`node_time_clocksource_${which}_info`, 1, { device: '0', clocksource }));
      }
    }
    return metrics;
  },
};
