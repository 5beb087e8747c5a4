import { type Collector, type Metric, metric, readOptional, toNumber } from '../collector.ts';

/** Milli-degrees Celsius per thermal zone; a zone whose sensor is off refuses to be read. */
export const thermal: Collector = {
  name: 'thermal_zone',
  collect: async (from) => {
    const metrics: Metric[] = [];
    if ((await from.files.state(`${from.sys}/class/thermal`)) === null) return metrics;
    for (const { name } of await from.files.list(`${from.sys}/class/thermal`)) {
      const zone = /^thermal_zone(\d+)$/.exec(name)?.[1];
      if (zone === undefined) continue;
      const degrees = toNumber(await readOptional(from, `${from.sys}/class/thermal/${name}/temp`));
      const type = ((await readOptional(from, `${from.sys}/class/thermal/${name}/type`)) ?? '').trim();
      if (!Number.isNaN(degrees)) metrics.push(metric('node_thermal_zone_temp', degrees / 1_000, { zone, type }));
    }
    return metrics;
  },
};
