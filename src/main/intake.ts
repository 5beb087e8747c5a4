import { countImports, importLines } from '../io/intake/line-import.ts';
import type { Decoder } from '../io/intake/messages.ts';
import { OtlpIntake } from '../io/intake/otlp-intake.ts';
import type { SeriesStore } from '../io/series/store.ts';
import type { IntakePart } from '../server/ingest/intake-part.ts';
import type { Shared } from './opened.ts';

/** Writes to the series store, and tells the pages that there are new samples. */
export function announcedWrite({ series, live }: Pick<Shared, 'series' | 'live'>): SeriesStore['write'] {
  return async (...request) => {
    const outcome = await series.write(...request);
    if (!('error' in outcome) && outcome.samples > 0) live.publish(['samples']);
    return outcome;
  };
}

/** Ways in for samples besides remote write and scraping. */
export function openIntake(shared: Pick<Shared, 'series' | 'live' | 'counters' | 'world' | 'settings'>, decoder: Decoder): IntakePart {
  const { counters, world, settings } = shared;
  const write = announcedWrite(shared);
  countImports(counters);
  const otlp = new OtlpIntake({ write, decoder, now: world.clock.now, rules: () => settings.current().otlp, counters });
  return {
    otlp: (request) => otlp.take(request),
    importLines: (body, encoding, source) => importLines(body, encoding, source, { write, counters }),
  };
}
