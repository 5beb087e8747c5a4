import type { Labels } from '../../../core/base/labels.ts';
import { labelsKey } from '../../../core/base/labels.ts';
import { SECOND, type Millis } from '../../../core/base/time.ts';
import { Columns } from '../../../core/series/columns.ts';
import type { HttpClient } from '../../http.ts';
import type { SeriesExemplars } from '../../../core/series/find-exemplars.ts';
import type { Listing, MetricDescriptions } from '../messages.ts';
import { DEFAULT_QUERY_LIMITS, type QueryAnswer, type SeriesColumns } from '../query-answer.ts';
import type { QueryGrid, QuerySettings } from '../store.ts';
import type { StoredAsk, StoredSamples } from '../stored-samples.ts';
import { ForwardedHistograms } from './forwarded-histograms.ts';
import { readExemplars, readMetadata } from './read-exemplars.ts';
import { isObject, readLabels, readResult } from './read-result.ts';
import { RemoteSamples } from './remote-samples.ts';
import { formatLabelSegment, formatSelector } from './selector-text.ts';
import { ServerKind } from './server-kind.ts';
import { StoredColumns } from './stored-columns.ts';
import { type Said, Upstream } from './upstream.ts';

/** Moments outside of these mean "always" and are not said. */
const FIRST: Millis = 0;
const LAST: Millis = 253_402_300_799_000;
const NOT_UNDERSTOOD: QueryAnswer = { result: 'error', error: 'unavailable', message: 'the answer of the series store is not understood' };

/** Everything that is read from a server that speaks the Prometheus API. */
export class Reading {
  private readonly upstream: Upstream;
  private readonly remote: RemoteSamples;
  /** Told of what is written. */
  readonly histograms: ForwardedHistograms;

  constructor(url: string, http: Pick<HttpClient, 'request'>) {
    this.upstream = new Upstream(url, http);
    const kind = new ServerKind(this.upstream);
    this.remote = new RemoteSamples(this.upstream, kind);
    this.histograms = new ForwardedHistograms(kind);
  }

  async instant(expr: string, at: Millis, settings: QuerySettings = {}): Promise<QueryAnswer> {
    return this.query('query', { query: expr, time: seconds(at) }, settings);
  }

  async range(expr: string, { start, end, step }: QueryGrid, settings: QuerySettings = {}): Promise<QueryAnswer> {
    return this.query('query_range', { query: expr, start: seconds(start), end: seconds(end), step: seconds(step) }, settings);
  }

  async series(listing: Listing): Promise<readonly Labels[]> {
    const params = listingParams(listing);
    // Here a selector is needed.
    if (listing.selectors.length === 0) params.append('match[]', formatSelector([]));
    const items = await this.list('series', params, listing.limit);
    return items.map((item) => (isObject(item) ? readLabels(item) : {}));
  }

  async labelNames(listing: Listing): Promise<readonly string[]> {
    return (await this.list('labels', listingParams(listing), listing.limit)).filter((item) => typeof item === 'string').sort();
  }

  async labelValues(name: string, listing: Listing): Promise<readonly string[]> {
    const items = await this.list(`label/${formatLabelSegment(name)}/values`, listingParams(listing), listing.limit, 'GET');
    return items.filter((item) => typeof item === 'string').sort();
  }

  /** By remote read where that is possible, else by range selectors. */
  async samples(ask: StoredAsk): Promise<StoredSamples> {
    return (await this.remote.read(ask, DEFAULT_QUERY_LIMITS.timeout)) ?? this.selected(ask);
  }

  /** Rejects when there is no answer, as `metadata` does. */
  async exemplars({ selectors, from, to }: Omit<Listing, 'limit'>): Promise<readonly SeriesExemplars[]> {
    const params = new URLSearchParams({ query: selectors.map(formatSelector).join(' or '), start: seconds(Math.max(from, FIRST)) });
    params.set('end', seconds(Math.min(to, LAST)));
    return readExemplars(await this.data('query_exemplars', params));
  }

  async metadata(): Promise<MetricDescriptions> {
    return readMetadata(await this.data('metadata', new URLSearchParams(), 'GET'));
  }

  /** How many series there are of what, as far as the other server tells. */
  async status(top: number): Promise<Readonly<Record<string, unknown>>> {
    const params = new URLSearchParams({ limit: String(top), topN: String(top) });
    const said = await this.upstream.ask('status/tsdb', params, { method: 'GET', timeout: SECOND });
    return said.result === 'data' && isObject(said.data) ? said.data : {};
  }

  /** A range selector shows no staleness markers: of the last samples only those of series that did not end are given. */
  private async selected({ selectors, from, to, which, sampleLimit }: StoredAsk): Promise<StoredSamples> {
    const found = new StoredColumns();
    const seen = new Set<string>();
    const samples = new Columns(256);
    for (const matchers of selectors) {
      const text = formatSelector(matchers);
      const answer = await this.instant(`${text}[${Math.ceil(to - Math.max(from, FIRST)) + 1}ms]`, to);
      if (answer.result === 'error') return { error: 'unavailable', message: answer.message };
      const alive = which === 'last' ? await this.alive(text, to) : null;
      if (answer.result !== 'matrix') return { error: 'unavailable', message: 'the answer of the series store is not understood' };
      for (const [index, labels] of answer.series.labels.entries()) {
        const key = labelsKey(labels);
        if (seen.has(key) || alive?.has(key) === false) continue;
        seen.add(key);
        takeSeries(answer.series, index, from, samples);
        found.add(labels, samples, which);
      }
      if (found.size > sampleLimit) return { error: 'too-many-samples', message: `more than ${sampleLimit} samples would have to be read` };
    }
    return found.finish();
  }

  private async alive(selector: string, at: Millis): Promise<ReadonlySet<string>> {
    const answer = await this.instant(selector, at);
    return new Set(answer.result === 'vector' ? answer.series.labels.map(labelsKey) : []);
  }

  private async query(
    path: string,
    form: Readonly<Record<string, string>>,
    { signal, timeout, lookback }: QuerySettings,
  ): Promise<QueryAnswer> {
    const patience = timeout ?? DEFAULT_QUERY_LIMITS.timeout;
    const params = new URLSearchParams({ ...form, timeout: seconds(patience) });
    if (lookback !== undefined) params.set('lookback_delta', seconds(lookback));
    const said = await this.upstream.ask(path, params, { method: 'POST', timeout: patience, signal });
    if (said.result === 'error') return said;
    const warning = await this.histograms.warning(form['query'] ?? '');
    const remarks = warning === null ? said : { ...said, warnings: [...said.warnings, warning] };
    return readResult(said.data, remarks) ?? NOT_UNDERSTOOD;
  }

  /** Rejects when there is no answer. */
  private async list(path: string, params: URLSearchParams, limit: number, method: 'GET' | 'POST' = 'POST'): Promise<readonly unknown[]> {
    const data = await this.data(path, params, method);
    return Array.isArray(data) ? data.slice(0, limit) : [];
  }

  private async data(path: string, params: URLSearchParams, method: 'GET' | 'POST' = 'POST'): Promise<unknown> {
    const said: Said = await this.upstream.ask(path, params, { method, timeout: DEFAULT_QUERY_LIMITS.timeout });
    if (said.result === 'error') throw new Error(said.message);
    return said.data;
  }
}

function listingParams({ selectors, from, to, limit }: Listing): URLSearchParams {
  const params = new URLSearchParams();
  for (const matchers of selectors) params.append('match[]', formatSelector(matchers));
  params.set('start', seconds(Math.max(from, FIRST)));
  if (to <= LAST) params.set('end', seconds(to));
  if (limit < Number.MAX_SAFE_INTEGER) params.set('limit', String(limit));
  return params;
}

/** The samples of one series of an answer from a moment on. */
function takeSeries({ ends, times, values, histograms }: SeriesColumns, index: number, from: Millis, out: Columns): void {
  out.clear();
  for (let at = index === 0 ? 0 : (ends[index - 1] ?? 0); at < (ends[index] ?? 0); at += 1) {
    const time = times[at] ?? 0;
    const histogram = histograms?.get(at);
    if (time < from) continue;
    if (histogram === undefined) out.add(time, values[at] ?? 0, 0);
    else out.addHistogram(time, histogram);
  }
}

function seconds(length: Millis): string {
  return (length / SECOND).toFixed(3).replace(/\.?0+$/, '');
}
