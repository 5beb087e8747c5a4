import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconDatabase } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { seriesStatusQuery } from '../../data/series-status.ts';
import type { SeriesStatus } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Callout } from '../../parts/callout.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Fact, Facts } from '../../parts/facts.tsx';
import { formatBytes, formatLength, formatNumber, formatSi, plural } from '../../parts/format.ts';
import { Loaded, Rows } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { Moment } from '../../parts/time.tsx';
import { Sparkline } from '../../plots/sparkline.tsx';
import { BlocksPicture } from './blocks-picture.tsx';
import { ColdCard } from './cold-card.tsx';
import { HoldsCard } from './holds-card.tsx';
import { Largest } from './largest.tsx';
import { queryOfLabel, queryOfMetric, queryOfPair } from './largest-queries.ts';
import { type Observed, observe } from './observed-rate.ts';
import { Outlook } from './outlook.tsx';
import { helpOfRefusal } from './refusal-help.ts';
import styles from './storage.module.css';

/** What the series store holds, what makes it large, how it is kept, what it refused, and how long the disk lasts. */
export function StoragePage() {
  const query = useQuery(seriesStatusQuery);
  return (
    <Page
      title="Storage"
      heading={
        <>
          Storage
          {query.data !== undefined && <State state={query.data.state} />}
        </>
      }
      subtitle="What the store of the series holds, how it is kept, and how long the disk lasts."
    >
      <Loaded query={query} skeleton={<Rows count={4} height={170} />}>
        {(status) => <Sections status={status} />}
      </Loaded>
    </Page>
  );
}

function State({ state }: { readonly state: SeriesStatus['state'] }) {
  if (state === 'ok') {
    return (
      <Badge tone="good" mark={<IconCircleCheck size={15} aria-hidden />}>
        OK
      </Badge>
    );
  }
  const isDown = state === 'down';
  const Icon = isDown ? IconCircleX : IconAlertTriangle;
  return (
    <Badge tone={isDown ? 'critical' : 'warning'} mark={<Icon size={15} aria-hidden />}>
      {isDown ? 'Takes no samples' : 'Degraded'}
    </Badge>
  );
}

function Sections({ status }: { readonly status: SeriesStatus }) {
  const isRemote = status.kind === 'remote';
  return (
    <>
      {status.state !== 'ok' && (
        <Callout tone={status.state === 'down' ? 'critical' : 'warning'} urgent>
          {status.message}
        </Callout>
      )}
      <Figures status={status} />
      {isRemote ? <Forwarding status={status} /> : <Outlook status={status} />}
      {!isRemote && (
        <Card
          title="Blocks"
          count={status.blocks.count}
          aside={`${formatBytes(status.blocks.bytes)}, ${formatSi(status.blocks.samples)} samples`}
        >
          {status.blocks.problem !== null && <Callout tone="error">{status.blocks.problem}</Callout>}
          {status.blocks.items.length === 0 ? (
            <Empty Icon={IconDatabase} title="No blocks yet">
              Samples stay in memory and in the journal for a while; then they are written into blocks.
            </Empty>
          ) : (
            <BlocksPicture blocks={status.blocks.items} />
          )}
        </Card>
      )}
      {!isRemote && <ColdCard status={status} />}
      {!isRemote && <HoldsCard status={status} />}
      <div className={styles['columns']}>
        <Largest title="Metrics" hint="by series" items={status.top.metrics} query={queryOfMetric} />
        <Largest title="Labels with their values" hint="by series" items={status.top.pairs} query={queryOfPair} />
        <Largest title="Labels" hint="by values" items={status.top.labels} query={queryOfLabel} />
        <Largest title="Senders" hint="by series" items={status.top.sources} />
      </div>
      <Refusals status={status} />
      {!isRemote && <Journal status={status} />}
    </>
  );
}

function Figures({ status }: { readonly status: SeriesStatus }) {
  const [observed, setObserved] = useState<readonly Observed[]>([]);
  useEffect(() => setObserved((before) => observe(before, status.at, status.samples.perSecond)), [status]);
  const rates = observed.map(({ perSecond }) => perSecond);
  const series = status.growth.map((point) => point.series);
  return (
    <div className={styles['figures']}>
      <Figure name="Series" value={formatNumber(status.series)} curve={series} hint={limitHint(status)} />
      <Figure
        name="Samples a second"
        value={status.samples.perSecond === null ? '–' : formatSi(Math.round(status.samples.perSecond))}
        curve={rates}
        hint="since this page was opened"
      />
      <Figure
        name="Bytes a sample"
        value={status.samples.bytesEach === null ? '–' : status.samples.bytesEach.toFixed(2)}
        hint={status.samples.bytesEach === null ? 'known with the first block' : 'in blocks'}
      />
      <Figure
        name="Memory"
        value={formatBytes(status.memoryBytes)}
        hint={`${formatSi(status.chunks)} chunks, ${plural(status.labelPairs, 'label pair')}`}
      />
    </div>
  );
}

function limitHint({ limits, series }: SeriesStatus): string {
  if (limits === null) return '';
  const share = (100 * series) / limits.series;
  return `${share < 1 ? 'less than 1' : Math.round(share)} % of ${formatSi(limits.series)}`;
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly hint: string;
  readonly curve?: readonly number[];
}

function Figure({ name, value, hint, curve = [] }: FigureProps) {
  const most = Math.max(1, ...curve) * 1.1;
  return (
    <div className={styles['figure']}>
      <div className={styles['figureName']}>{name}</div>
      <div className={styles['figureValue']}>{value}</div>
      <div className={styles['figureCurve']}>{curve.length > 1 && <Sparkline values={curve} max={most} />}</div>
      <div className={styles['hint']}>{hint}</div>
    </div>
  );
}

function Forwarding({ status: { forwarding } }: { readonly status: SeriesStatus }) {
  if (forwarding === null) return null;
  return (
    <Card title="Kept by another server">
      <Facts>
        <Fact name="Delivered">{formatNumber(forwarding.delivered)} requests</Fact>
        <Fact name="Refused there">{formatNumber(forwarding.refused)}</Fact>
        <Fact name="Waiting">{formatBytes(forwarding.waitingBytes)}</Fact>
      </Facts>
    </Card>
  );
}

function Refusals({ status: { refused, requests, damage, samples } }: { readonly status: SeriesStatus }) {
  const told = requests.bad + requests.tooLarge + requests.unavailable;
  const isClean = refused.length === 0 && told === 0 && damage.length === 0;
  return (
    <Card title="Refused and damaged" aside="since the start">
      {isClean && <p className={styles['hint']}>Nothing was refused, nothing is damaged.</p>}
      <ul className={styles['refusals']}>
        {refused
          .toSorted((a, b) => b.count - a.count)
          .map(({ reason, count }) => {
            const { what, todo } = helpOfRefusal(reason);
            return (
              <li key={reason}>
                <b>{plural(count, 'sample')}</b> <span>{what}</span>
                <small>{todo}</small>
              </li>
            );
          })}
        {told > 0 && (
          <li>
            <b>{plural(told, 'request')}</b>{' '}
            <span>
              {formatNumber(requests.bad)} could not be read, {formatNumber(requests.tooLarge)} were too large,{' '}
              {formatNumber(requests.unavailable)} were asked for again
            </span>
            <small>Those that are asked for again come again by themselves. Of the others the log of the sender says more.</small>
          </li>
        )}
        {damage.slice(0, 20).map(({ where, why }) => (
          <li key={`${where} ${why}`}>
            <b>Damaged</b> <span>{where}</span>
            <small>{why}. The rest is served; a backup has the whole.</small>
          </li>
        ))}
      </ul>
      {damage.length > 20 && <p className={styles['hint']}>and {damage.length - 20} more damaged places</p>}
      <p className={styles['hint']}>
        Taken: {formatSi(samples.taken)} samples; {formatSi(samples.late)} came late and were put in order, {formatSi(samples.duplicates)}{' '}
        came twice.
      </p>
    </Card>
  );
}

function Journal({ status: { journal, samples, blocks, retention, limits } }: { readonly status: SeriesStatus }) {
  const { replay } = journal;
  return (
    <Card title="Journal and limits">
      {journal.problem !== null && <Callout tone="critical">{journal.problem}</Callout>}
      <Facts>
        <Fact name="Journal">
          {formatBytes(journal.bytes)} in {plural(journal.segments, 'file')}
        </Fact>
        <Fact name="Not in blocks yet">{formatSi(samples.unwritten)} samples</Fact>
        <Fact name="Read at the start">
          {formatSi(replay.records)} records{replay.torn + replay.corrupt > 0 && `, ${replay.torn} torn, ${replay.corrupt} damaged`}
        </Fact>
        <Fact name="Written, merged, deleted">
          {formatNumber(blocks.flushes)}, {formatNumber(blocks.merges)}, {formatNumber(blocks.expired)}
        </Fact>
        {samples.oldest !== null && (
          <Fact name="Oldest sample">
            <Moment at={samples.oldest} />
          </Fact>
        )}
        {retention !== null && (
          <Fact name="Kept for">
            {retention.keep === null ? 'ever' : formatLength(retention.keep)}
            {retention.bytes !== null && `, at most ${formatBytes(retention.bytes)}`}
          </Fact>
        )}
        {limits !== null && (
          <>
            <Fact name="Series at most">
              {formatNumber(limits.series)}
              {limits.seriesPerSource !== null && `, ${formatNumber(limits.seriesPerSource)} a sender`}
            </Fact>
            <Fact name="May come late by">{formatLength(limits.outOfOrderWindow)}</Fact>
            <Fact name="May be ahead by">{formatLength(limits.futureWindow)}</Fact>
            <Fact name="Largest request">{formatBytes(limits.bodyBytes)}</Fact>
          </>
        )}
      </Facts>
    </Card>
  );
}
