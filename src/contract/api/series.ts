import { z } from 'zod';
import { endpoint, Millis } from '../endpoint.ts';

const Counted = z.object({ name: z.string(), value: z.number() });

const SeriesBlock = z
  .object({
    name: z.string(),
    from: Millis,
    to: Millis,
    series: z.number(),
    samples: z.number(),
    bytes: z.number(),
    tier: z.string().describe('`raw`, or the interval of a coarser resolution: `5m`'),
    cold: z.boolean().describe('in the cold folder'),
    keptUntil: Millis.nullable().describe('it was brought back from the cold folder, and stays here until then'),
    damagedChunks: z.number().describe('chunks whose bytes are not what was written; what they held is missing from answers'),
    problem: z.string().nullable().describe('why it cannot be served; times and numbers are then 0'),
  })
  .meta({ id: 'SeriesBlock' });

const SeriesHold = z
  .object({
    name: z.string(),
    match: z.array(z.string()),
    from: Millis.nullable().describe('null: since ever'),
    to: Millis.nullable().describe('null: for ever'),
    reason: z.string(),
    by: z.string(),
    since: Millis.nullable().describe('null: it stands in the configuration'),
    series: z.number().describe('that are known now'),
    blocks: z.number().describe('files, those of tiers among them, that are kept as a whole'),
    bytes: z.number(),
  })
  .meta({ id: 'SeriesHold' });

const SeriesForecast = z
  .object({
    bytesPerDay: z.number().nullable().describe('what samples of one day take; null: too early to say'),
    bytesToday: z.number().describe('what blocks, tiers and journal occupy now, cold ones among them'),
    steadyBytes: z.number().nullable().describe('what they will occupy once as much is deleted as comes in; null: unknown, or without end'),
    diskFullAt: Millis.nullable().describe('when samples will be refused for want of space; null: not within ten years'),
    limitAt: Millis.nullable().describe('when the limit of bytes deletes what the retention would keep; null: not within ten years'),
    seriesPerDay: z.number().nullable().describe('by how much the number of series grows; null: too early to say'),
    seriesLimitAt: Millis.nullable().describe('when new series will be refused; null: not within ten years'),
  })
  .meta({ id: 'SeriesForecast' });

const SeriesStatus = z
  .object({
    at: Millis,
    kind: z.enum(['embedded', 'remote']),
    state: z.enum(['ok', 'degraded', 'down']),
    message: z.string(),
    series: z.number(),
    labelPairs: z.number(),
    chunks: z.number(),
    memoryBytes: z.number(),
    samples: z.object({
      taken: z.number().describe('since the start, replayed ones included'),
      perSecond: z.number().nullable().describe('over the last minute'),
      bytesEach: z.number().nullable().describe('in blocks; null while there is none'),
      late: z.number(),
      duplicates: z.number(),
      unwritten: z.number().describe('in memory and journal only'),
      oldest: Millis.nullable(),
      newest: Millis.nullable(),
    }),
    top: z.object({
      metrics: z.array(Counted).describe('series by metric name'),
      labels: z.array(Counted).describe('values by label'),
      pairs: z.array(Counted).describe('series by label and value'),
      labelBytes: z.array(Counted).describe('memory of the values by label'),
      sources: z.array(Counted).describe('series by sender'),
    }),
    requests: z.object({ taken: z.number(), bad: z.number(), tooLarge: z.number(), unavailable: z.number() }),
    refused: z.array(z.object({ reason: z.string(), count: z.number() })).describe('samples since the start, by reason'),
    exemplars: z
      .object({ kept: z.number(), displaced: z.number(), refused: z.number() })
      .describe('kept now; gave way to newer ones and could not be taken since the start'),
    describedMetrics: z.number().describe('metrics whose type, help or unit was told'),
    limits: z
      .object({
        series: z.number(),
        seriesPerSource: z.number().nullable(),
        outOfOrderWindow: z.number(),
        futureWindow: z.number(),
        bodyBytes: z.number(),
      })
      .nullable(),
    retention: z.object({ keep: z.number().nullable().describe('milliseconds; null: for ever'), bytes: z.number().nullable() }).nullable(),
    journal: z.object({
      bytes: z.number(),
      segments: z.number(),
      problem: z.string().nullable(),
      replay: z.object({ records: z.number(), torn: z.number(), corrupt: z.number(), corruptBytes: z.number() }),
    }),
    blocks: z.object({
      count: z.number(),
      bytes: z.number(),
      samples: z.number(),
      flushes: z.number(),
      merges: z.number(),
      expired: z.number(),
      problem: z.string().nullable(),
      items: z.array(SeriesBlock).describe('the newest first'),
    }),
    tiers: z
      .array(
        z.object({
          tier: z.string().describe('the width of its buckets: `5m`'),
          keep: z.number(),
          from: Millis.nullable(),
          until: Millis.nullable(),
          files: z.number(),
          bytes: z.number(),
          buckets: z.number(),
        }),
      )
      .describe('the coarser resolutions, from fine to coarse'),
    cold: z
      .object({ after: z.number().nullable().describe('milliseconds; null: no longer configured'), blocks: z.number(), bytes: z.number() })
      .nullable()
      .describe('blocks in the cold folder; their bytes are among those of all blocks'),
    held: z
      .object({
        blocks: z.number().describe('files that are under a hold, as a whole'),
        bytes: z.number(),
        overdueBlocks: z.number().describe('of these, blocks that would be deleted by now'),
        overdueBytes: z.number(),
        holds: z.array(SeriesHold).describe('those of the configuration first'),
        problem: z.string().nullable().describe('why the list of holds cannot be read, so that everything is held'),
      })
      .describe('what may not be deleted'),
    recall: z
      .object({
        at: Millis,
        from: Millis.nullable(),
        to: Millis.nullable(),
        until: Millis.describe('so long the blocks stay'),
        blocks: z.number(),
        done: z.number(),
        failed: z.array(z.object({ name: z.string(), problem: z.string() })).describe('what did not come back, and why'),
        endedAt: Millis.nullable().describe('null while it goes on'),
      })
      .nullable()
      .describe('how far blocks came back from the cold folder that were asked for last, since the start'),
    pendingDeletions: z.number().describe('deletions whose samples still occupy room'),
    damage: z.array(z.object({ where: z.string(), why: z.string() })).describe('what was found damaged since the start'),
    disk: z
      .object({
        freeBytes: z.number().nullable(),
        totalBytes: z.number().nullable(),
        floorBytes: z.number().describe('samples are refused while less is free'),
        full: z.string().nullable().describe('why samples are refused for want of space'),
      })
      .nullable(),
    forwarding: z.object({ delivered: z.number(), refused: z.number(), waitingBytes: z.number() }).nullable(),
    growth: z.array(z.object({ at: Millis, series: z.number(), bytes: z.number() })).describe('hourly, later daily'),
    forecast: SeriesForecast,
  })
  .meta({ id: 'SeriesStatus' });

const SeriesSnapshot = z
  .object({
    name: z.string(),
    at: Millis,
    blocks: z.number(),
    samples: z.number(),
    bytes: z.number().describe('shared with the store as long as that has the same blocks'),
    from: Millis.nullable(),
    to: Millis.nullable(),
    leftOut: z.number().describe('blocks that are in the cold folder, or cannot be read'),
    coldPlace: z.string().nullable().describe('where the cold ones of them are, to be copied from there'),
  })
  .meta({ id: 'SeriesSnapshot' });

/** The series store: what it holds, how it is kept, and how it grows. */
export const series = {
  status: endpoint({
    method: 'GET',
    path: '/api/series/status',
    summary: 'What the series store holds, how it is kept, and how it grows',
    tag: 'series',
    access: 'read',
    query: z.object({ top: z.coerce.number().int().min(1).max(1_000).default(10).describe('how many of each list of the largest') }),
    response: SeriesStatus,
  }),
  delete: endpoint({
    method: 'POST',
    path: '/api/series/deletions',
    summary: 'Delete samples for good, or count how many that would be',
    tag: 'series',
    access: 'administer',
    body: z.object({
      match: z.array(z.string().min(1).max(10_000)).min(1).max(100).describe('selectors; samples of any of them'),
      start: Millis.optional(),
      end: Millis.optional(),
      reason: z.string().max(1_000).default('').describe('for the audit log'),
      dryRun: z.boolean().default(false).describe('count only'),
    }),
    response: z.object({ series: z.number(), samples: z.number(), deleted: z.boolean() }),
  }),
  clean: endpoint({
    method: 'POST',
    path: '/api/series/clean',
    summary: 'Get back at once what deleted samples occupy; it happens by itself later',
    tag: 'series',
    access: 'administer',
    response: z.object({ blocks: z.number().describe('written anew'), freedBytes: z.number() }),
  }),
  snapshots: endpoint({
    method: 'GET',
    path: '/api/series/snapshots',
    summary: 'The snapshots that are there, the oldest first',
    tag: 'series',
    access: 'read',
    response: z.object({ items: z.array(SeriesSnapshot) }),
  }),
  snapshot: endpoint({
    method: 'POST',
    path: '/api/series/snapshots',
    summary: 'Make a snapshot for a backup, while everything goes on',
    tag: 'series',
    access: 'administer',
    body: z.object({
      name: z.string().min(1).max(100).optional(),
      skipHead: z.boolean().default(false).describe('leave out what is only in memory and journal'),
      withCold: z.boolean().default(false).describe('copy what is in the cold folder as well, which takes time and room'),
    }),
    response: SeriesSnapshot,
    status: 201,
  }),
  removeSnapshot: endpoint({
    method: 'DELETE',
    path: '/api/series/snapshots/{name}',
    summary: 'Remove a snapshot',
    tag: 'series',
    access: 'administer',
    response: null,
    status: 204,
  }),
};
