import type { Principal } from '../core/access/actor.ts';
import type { Result } from '../core/base/result.ts';
import type { Millis } from '../core/base/time.ts';
import type { Matcher } from '../core/promql/matcher.ts';
import type { SnapshotScope, SnapshotView } from '../engine/commands/series.ts';

/** Samples of the series that satisfy one of the selectors, between two moments, both included. */
export interface SampleWish {
  /** The selectors as they were written. */
  readonly texts: readonly string[];
  readonly selectors: readonly (readonly Matcher[])[];
  readonly from: Millis;
  readonly to: Millis;
}

interface Counted {
  readonly series: number;
  readonly samples: number;
}

/** What administrators may do with the samples that are kept. */
export interface KeepingPart {
  count(wish: SampleWish): Promise<Result<Counted>>;
  delete(by: Principal, wish: SampleWish & { readonly reason: string }): Promise<Result<Counted>>;
  clean(by: Principal): Promise<Result<{ readonly blocks: number; readonly freedBytes: number }>>;
  snapshot(by: Principal, wish: { readonly name: string | null; readonly scope: SnapshotScope }): Promise<Result<SnapshotView>>;
  snapshots(): Promise<Result<readonly SnapshotView[]>>;
  removeSnapshot(by: Principal, name: string): Promise<Result<null>>;
}
