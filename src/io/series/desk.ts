import { setImmediate } from 'node:timers/promises';
import { compileMatcher, type CompiledMatcher, type Matcher } from '../../core/promql/matcher.ts';
import { findExemplars, type SeriesExemplars } from '../../core/series/find-exemplars.ts';
import { Interest, type Watch } from '../../core/series/interest.ts';
import { type ListingQuery, listLabelNames, listLabelValues, listSeries } from '../../core/series/listing.ts';
import { countDeletion, deleteSamples } from './deleting.ts';
import { SeriesEngine, type WriteOutcome, type WriteRequest } from './engine.ts';
import { GrowthLog } from './growth-log.ts';
import type { Cleaned } from './keeper.ts';
import { MatchedExpiry } from './matched-expiry.ts';
import type { Ask, CallName, Calls, Listing, OwnSample, QueryAsk, WatchedRule, WorkerOptions } from './messages.ts';
import { encodeOwnSamples } from './own-samples.ts';
import { pauses } from './pauses.ts';
import { runQuery } from './query.ts';
import { Recall } from './recall.ts';
import { serveSelects } from './selecting.ts';
import { snapshotContent } from './snapshot-content.ts';
import { finishSnapshot, linkSnapshot, sweepSnapshots } from './snapshots.ts';
import { seriesHealth, type SeriesStatus, seriesStatus } from './status.ts';
import { readStored, type StoredAsk } from './stored-samples.ts';
import { answerVectors, SMALL_SAMPLES, SMALL_TIME } from './vectors.ts';
import { watchedSelectors } from './watched-selectors.ts';

/** An answer and the memory that goes with it to the other thread. */
interface Answered {
  readonly answer: Calls[CallName]['answer'];
  readonly transfer: readonly ArrayBuffer[];
}

/** So many series without a sample are kept for those that come back. */
const SILENT_LIMIT = 10_000;

/** Under this name the product's own samples stand in the journal. */
const OWN_SOURCE = 'tocsin';

/** Answers the calls of the series thread. Each is done when the method returns; only the sync of the journal is waited for. */
export class Desk {
  private engine: SeriesEngine;
  private interest: Interest;
  private watched: readonly WatchedRule[] = [];
  private rebuilds = 0;
  /** Writes wait for this. */
  private held: Promise<void> | null = null;
  /** Blocks that were removed or written anew when it was last looked whether series can be forgotten. */
  private removals = 0;
  private isKeptSoon = false;
  private turn: Promise<void> = Promise.resolve();
  private readonly options: WorkerOptions;
  private readonly growth: GrowthLog;
  private readonly matched: MatchedExpiry;
  private readonly recalls = new Recall();
  private readonly touched: (ids: readonly string[]) => void;

  constructor(options: WorkerOptions, touched: (ids: readonly string[]) => void) {
    this.options = options;
    this.touched = touched;
    sweepSnapshots(options.folder);
    this.engine = new SeriesEngine(options);
    this.matched = new MatchedExpiry(options.keepMatching);
    this.growth = new GrowthLog(options.folder);
    this.interest = this.watchOver(this.engine);
  }

  async answer(message: Ask): Promise<Answered> {
    switch (message.call) {
      case 'write':
        return plain(await this.write(message.ask));
      case 'append':
        return plain(await this.write(ownRequest(message.ask.samples, message.ask.at)));
      case 'query':
        return this.query(message.ask);
      case 'queries':
        return this.queries(message.ask);
      case 'vectors':
        return plain(await answerVectors(() => this.engine.source, message.ask));
      case 'serve':
        serveSelects(() => this.engine, message.ask.port, message.ask.memory);
        return plain(null);
      case 'series':
        return plain(listSeries(this.engine.head, this.engine.source.selectors, listing(message.ask)));
      case 'labelNames':
        return plain(listLabelNames(this.engine.head, this.engine.source.selectors, listing(message.ask)));
      case 'labelValues':
        return plain(listLabelValues(this.engine.head, this.engine.source.selectors, { ...listing(message.ask), name: message.ask.name }));
      case 'samples':
        return this.samples(message.ask);
      case 'exemplars':
        return plain(this.exemplars(message.ask));
      case 'metadata':
        return plain(this.engine.head.catalogue.all);
      case 'watch':
        return plain(this.watch(message.ask));
      case 'keep':
        await this.inTurn(() => (message.ask.what === 'all' ? this.engine.keeper.flushAll() : this.keep(message.ask.at)));
        return plain(null);
      case 'status':
        return plain(this.status(message.ask));
      case 'health':
        return plain(seriesHealth(this.engine));
      case 'countDeletion':
        return plain(await countDeletion(this.engine, message.ask));
      case 'delete':
        return plain(await this.inTurn(() => this.delete(message.ask)));
      case 'clean':
        return plain(await this.clean());
      case 'hold':
        return plain(await this.inTurn(() => this.engine.keeper.alone(async () => this.engine.keeper.holds.add(message.ask))));
      case 'lift':
        return plain(await this.inTurn(() => this.engine.keeper.alone(async () => this.engine.keeper.holds.lift(message.ask.name))));
      case 'planRecall':
        return plain(this.recalls.plan(this.engine.keeper, message.ask));
      case 'recall':
        return plain(await this.recall(message.ask));
      case 'snapshot':
        return plain(await this.snapshot(message.ask));
      case 'close':
        await this.inTurn(() => this.engine.close());
        return plain(null);
    }
  }

  /** Brings the journal to the medium; a failure shows in the status and is tried again. */
  async sync(): Promise<void> {
    try {
      await this.engine.journal.sync();
    } catch (error) {
      this.engine.journalProblem = error instanceof Error ? error.message : String(error);
    }
  }

  /** What is small is answered here and now: a hop to another thread would cost more than it. */
  private query(ask: QueryAsk): Answered & { readonly answer: Calls['query']['answer'] } {
    const { samples, timeout } = ask.options;
    const options = { ...ask.options, samples: Math.min(samples, SMALL_SAMPLES), timeout: Math.min(timeout, SMALL_TIME) };
    const answered = runQuery(this.engine.source, { ...ask, options }, SMALL_SAMPLES);
    const { answer } = answered;
    if (answer.result !== 'error') return answered;
    // Perhaps only to be looked at here: the query thread counts those that it gets.
    const isTooLarge = answer.error === 'too-many-samples';
    const isTooLong = answer.error === 'timeout' && timeout > SMALL_TIME;
    return isTooLarge || isTooLong ? { answer: { result: 'elsewhere', why: isTooLarge ? 'samples' : 'time' }, transfer: [] } : answered;
  }

  private async queries(asks: readonly QueryAsk[]): Promise<Answered> {
    const answers: Calls['query']['answer'][] = [];
    const transfer: ArrayBuffer[] = [];
    const pause = pauses();
    for (const ask of asks) {
      try {
        const answered = this.query(ask);
        answers.push(answered.answer);
        transfer.push(...answered.transfer);
      } catch (error) {
        answers.push({ result: 'error', error: 'execution', message: error instanceof Error ? error.message : String(error) });
      }
      const pausing = pause();
      if (pausing !== null) await pausing;
    }
    return { answer: answers, transfer };
  }

  private exemplars({ selectors, from, to }: Calls['exemplars']['ask']): readonly SeriesExemplars[] {
    const sets = selectors.map(compileAll).filter((matchers) => matchers !== null);
    return findExemplars(this.engine.head, this.engine.source.selectors, { sets, from, to });
  }

  private async samples(ask: StoredAsk): Promise<Answered> {
    const { engine } = this;
    engine.keeper.blocks.hold();
    try {
      const answer = await readStored(engine.head, engine.source, ask);
      return {
        answer,
        transfer: 'error' in answer ? [] : ([answer.times.buffer, answer.values.buffer, answer.stale.buffer] as ArrayBuffer[]),
      };
    } finally {
      engine.keeper.blocks.release();
    }
  }

  private async delete(ask: Calls['delete']['ask']): Promise<Calls['delete']['answer']> {
    const problem = await deleteSamples(this.engine, ask, (work) => this.holdWrites(work));
    if (problem === null) return null;
    return typeof problem === 'string' ? { error: problem, held: false } : { error: problem.held, held: true };
  }

  private async holdWrites<T>(work: () => Promise<T>): Promise<T> {
    while (this.held !== null) await this.held;
    const done = work();
    this.held = done.then(
      () => {},
      () => {},
    );
    try {
      return await done;
    } finally {
      this.held = null;
    }
  }

  /** What is cold is copied behind all other work, and stays readable meanwhile. */
  private async snapshot({ name, at, scope }: Calls['snapshot']['ask']): Promise<Calls['snapshot']['answer']> {
    const { folder } = this.options;
    const begun = await this.inTurn(async () => {
      const { keeper } = this.engine;
      if (scope !== 'blocks') await keeper.flushAll();
      if (scope !== 'blocks' && keeper.problem !== null) return keeper.problem;
      const content = snapshotContent(keeper.blocks, scope);
      const bytes = content.cold.reduce((sum, one) => sum + one.bytes, 0);
      if (bytes > 0 && !this.engine.disk.hasRoom(bytes, 'above the floor')) return `the disk has no room for ${bytes} bytes of cold blocks`;
      const problem = linkSnapshot(folder, name, content);
      if (problem !== null) return problem;
      keeper.blocks.hold();
      return { content, blocks: keeper.blocks };
    });
    if (typeof begun === 'string') return { error: begun };
    try {
      const problem = await finishSnapshot(folder, { name, at }, begun.content);
      return problem === null ? null : { error: problem };
    } finally {
      begun.blocks.release();
    }
  }

  /** Block after block, with other work between. */
  private async clean(): Promise<Cleaned> {
    const upTo = this.engine.keeper.blocks.lastNumber;
    const cleaned = { blocks: 0, freedBytes: 0 };
    for (;;) {
      const freed = await this.inTurn(() => this.engine.keeper.cleanNext(upTo));
      if (freed === null) return cleaned;
      cleaned.blocks += 1;
      cleaned.freedBytes += freed;
    }
  }

  private async recall(ask: Calls['recall']['ask']): Promise<Calls['recall']['answer']> {
    const { recalls } = this;
    const problem = await this.inTurn(async () => recalls.begin(this.engine.keeper, ask));
    if (problem !== null) return { error: problem };
    const startedAt = performance.now();
    const now = (): number => ask.at + Math.round(performance.now() - startedAt);
    while (await this.inTurn(() => recalls.next(this.engine.keeper, now)));
    return recalls.status ?? { error: 'it was given up' };
  }

  /** What moves or removes samples is done one after the other, and never while the folder is opened anew. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  private async write(request: WriteRequest): Promise<WriteOutcome> {
    // What comes after a deletion is not deleted by it.
    while (this.held !== null) await this.held;
    const { engine } = this;
    const stored = engine.receive(request) ?? (engine.hasMany ? null : engine.store(request));
    const outcome = stored ?? (await this.holdWrites(() => this.storeMany(engine, request)));
    const ids = this.interest.takeTouched(request.at);
    if (ids.length > 0) this.touched(ids);
    if (this.engine.keeper.isFull) this.keepSoon(request.at);
    if (this.options.sync === 'second' || 'error' in outcome) return outcome;
    try {
      await this.engine.journal.sync();
      return outcome;
    } catch (error) {
      return { error: 'unavailable', message: `the journal cannot be synced: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** Others have their turn while its series are numbered; the other writes wait, because what was received is the engine's only batch. */
  private async storeMany(engine: SeriesEngine, request: WriteRequest): Promise<WriteOutcome> {
    const pause = pauses();
    for (const _ of engine.grow(request)) await pause();
    // A folder that was opened anew meanwhile knows nothing of the request.
    return this.engine === engine ? engine.store(request) : this.engine.write(request);
  }

  private status({ top, at }: Calls['status']['ask']): SeriesStatus {
    const { samplesPerSecond, points } = this.growth;
    return {
      ...seriesStatus(this.engine, { top, now: at }),
      rebuilds: this.rebuilds,
      recall: this.recalls.status,
      samplesPerSecond,
      growth: points,
    };
  }

  private noteGrowth(at: number): void {
    const { head, journal, keeper } = this.engine;
    const bytes = keeper.blocks.blocks.reduce((sum, block) => sum + block.bytes, journal.bytes + (keeper.tiers?.bytes ?? 0));
    this.growth.note({ at, series: head.table.count, bytes }, head.samples);
  }

  /** As soon as it is its turn; asked again meanwhile it is done once. */
  private keepSoon(now: number): void {
    if (this.isKeptSoon) return;
    this.isKeptSoon = true;
    const ended = (): void => {
      this.isKeptSoon = false;
    };
    this.inTurn(() => this.keep(now)).then(ended, ended);
  }

  private async keep(now: number): Promise<void> {
    this.noteGrowth(now);
    const { keeper, head } = this.engine;
    await keeper.keep(now);
    for (const { rule, before, ...ask } of this.matched.due(this.engine, now)) {
      const problem = await this.delete({ ...ask, at: now });
      if (problem === null) keeper.purges.note({ at: now, what: rule.match, before, why: 'retention' });
    }
    const removals = keeper.expired + keeper.rewrites;
    if (removals === this.removals) return;
    this.removals = removals;
    const silent = head.countSilentSince(now - this.longest);
    if (silent > SILENT_LIMIT && silent > head.table.count / 2) await this.rebuild();
  }

  /** How long anything of a series is kept. */
  private get longest(): number {
    const { rules, keeping } = this.options;
    return Math.max(rules.retention, ...keeping.tiers.map(({ keep }) => keep));
  }

  /** Forgets the series whose last sample is deleted, by opening the folder anew: only what it holds is known then. */
  private async rebuild(): Promise<void> {
    const old = this.engine;
    await old.keeper.flushAll();
    while (old.keeper.blocks.isHeld) await setImmediate();
    old.keeper.blocks.close();
    old.keeper.tiers?.close();
    old.journal.rotate();
    this.engine = new SeriesEngine(this.options);
    this.interest = this.watchOver(this.engine);
    this.watch(this.watched);
    this.rebuilds += 1;
    this.removals = 0;
  }

  private watchOver(engine: SeriesEngine): Interest {
    const interest = new Interest(engine.head);
    engine.head.onNewSeries = () => interest.matchNew();
    return interest;
  }

  /** The ids of the rules whose expression cannot be read; they are watched by nobody. */
  private watch(rules: readonly WatchedRule[]): string[] {
    this.watched = rules;
    const watches: Watch[] = [];
    const unreadable: string[] = [];
    for (const { id, expr } of rules) {
      const watched = watchedSelectors(expr);
      if (watched === null) unreadable.push(id);
      else watches.push({ id, ...watched });
    }
    this.interest.watch(watches);
    return unreadable;
  }
}

function plain(answer: Calls[CallName]['answer']): Answered {
  return { answer, transfer: [] };
}

function ownRequest(samples: readonly OwnSample[], at: number): WriteRequest {
  return { body: encodeOwnSamples(samples), encoding: 'none', source: OWN_SOURCE, protocol: 1, at };
}

function listing({ selectors, from, to, limit }: Listing): ListingQuery {
  const sets = selectors.map(compileAll).filter((matchers) => matchers !== null);
  // Selectors were checked where they were parsed; one that cannot be compiled selects nothing, which is not the same as no selector.
  return { sets, from, to, limit: sets.length < selectors.length && sets.length === 0 ? 0 : limit };
}

function compileAll(matchers: readonly Matcher[]): CompiledMatcher[] | null {
  const compiled = matchers.map((matcher) => compileMatcher(matcher).value);
  return compiled.every((matcher) => matcher !== null) ? compiled : null;
}
