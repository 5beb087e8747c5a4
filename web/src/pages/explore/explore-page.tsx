import { Button } from '@mantine/core';
import { IconHistory, IconListSearch, IconPlayerPlay, IconPlayerStop, IconPlus } from '@tabler/icons-react';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { type ExploreSearch, letterOf, MOST_QUERIES, searchOfQueries } from '../../app/explore-search.ts';
import { CopyButton } from '../../parts/copy.tsx';
import { Page } from '../../parts/page.tsx';
import { ExamplesCard } from './examples-card.tsx';
import styles from './explore.module.css';
import { HistoryDialog } from './history-dialog.tsx';
import { MetricBrowser } from './metric-browser.tsx';
import { QueryRow } from './query-row.tsx';
import { Results } from './results.tsx';
import { isBareSelector } from '../../parts/series-name.ts';
import { TimeBar } from './time-bar.tsx';
import { useAnswers } from './use-answers.ts';
import { type Draft, useDrafts } from './use-drafts.ts';
import { useHandles } from './use-handles.ts';
import { useHistory } from './use-history.ts';
import { useRange } from './use-range.ts';

const route = getRouteApi('/shell/explore');

/** Questions to the stored series, in PromQL: as a graph over time, or as a table of one moment. */
export function ExplorePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const fields = useDrafts(search);
  const { drafts } = fields;
  const answers = useAnswers(search);
  const [dialog, setDialog] = useState<'metrics' | 'history' | null>(null);
  const { history, recall, forget } = useHistory();
  const handles = useHandles(drafts);

  const change = useCallback(
    (next: Partial<ExploreSearch>) => void navigate({ search: (before) => withoutEmpty({ ...before, ...next }), resetScroll: false }),
    [navigate],
  );
  const { canGoBack, goTo, goBack } = useRange(search, change);
  const ask = (next: readonly Draft[]): void => {
    const queries = searchOfQueries(next);
    recall((queries.q ?? []).filter((_, index) => !(queries.off ?? '').includes(letterOf(index))));
    if (JSON.stringify(queries) === JSON.stringify({ ...(search.q && { q: search.q }), ...(search.off && { off: search.off }) }))
      answers.again();
    else change({ q: queries.q, off: queries.off });
  };
  const run = (): void => ask(fields.drafts);
  const only = (expr: string): void => {
    const [first] = drafts;
    if (first !== undefined) ask(fields.write(first.id, expr));
  };
  const insert = (text: string): void => {
    const place = handles.active();
    const target = drafts.find(({ id }) => id === place) ?? drafts[0];
    if (target === undefined) return;
    if (target.expr.trim() === '' || isBareSelector(target.expr)) ask(fields.write(target.id, text));
    else handles.of(target.id).current?.insert(text);
  };
  return (
    <Page
      title="Explore"
      subtitle="Ask the stored series anything, in PromQL."
      actions={
        <>
          <Button variant="default" leftSection={<IconListSearch size={17} aria-hidden />} onClick={() => setDialog('metrics')}>
            Metrics
          </Button>
          <Button variant="default" leftSection={<IconHistory size={17} aria-hidden />} onClick={() => setDialog('history')}>
            History
          </Button>
          <CopyLink search={{ ...search, ...searchOfQueries(drafts) }} />
        </>
      }
    >
      <section className={styles['queries']} aria-label="Queries">
        {drafts.map((draft, index) => {
          const letter = letterOf(index);
          return (
            <QueryRow
              key={`${draft.id} ${letter}`}
              draft={draft}
              letter={letter}
              answered={answers.list.find((one) => one.letter === letter)}
              isOnly={drafts.length === 1}
              handle={handles.of(draft.id)}
              onWrite={(expr) => fields.write(draft.id, expr)}
              onRun={run}
              onToggle={() => ask(fields.toggle(draft.id))}
              onRemove={() => ask(fields.remove(draft.id))}
              onFocus={() => handles.enter(draft.id)}
            />
          );
        })}
        <div className={styles['deeds']}>
          <RunButton isRunning={answers.isRunning} onRun={run} onStop={answers.stop} />
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={drafts.length >= MOST_QUERIES}
            onClick={() => handles.focusNext(fields.add())}
          >
            Add query
          </Button>
          <span className={styles['keys']}>
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs
          </span>
        </div>
      </section>
      <TimeBar
        search={search}
        grid={answers.grid}
        canGoBack={canGoBack}
        onChange={(next) => ('from' in next || 'range' in next ? goTo(next) : change(next))}
        onBack={goBack}
      />
      {search.q === undefined ? (
        <ExamplesCard onChoose={only} />
      ) : (
        <Results
          search={search}
          answers={answers}
          onChange={change}
          onZoom={(from, to) => goTo({ from: Math.round(from), to: Math.round(to) })}
          onBack={goBack}
          onNarrow={(letter, expr) => {
            const target = drafts.find((_, index) => letterOf(index) === letter);
            if (target !== undefined) ask(fields.write(target.id, expr));
          }}
        />
      )}
      <MetricBrowser opened={dialog === 'metrics'} onClose={() => setDialog(null)} onInsert={insert} />
      <HistoryDialog
        opened={dialog === 'history'}
        entries={history}
        onClose={() => setDialog(null)}
        onForget={forget}
        onChoose={(expr) => {
          setDialog(null);
          const target = drafts.find(({ id }) => id === handles.active()) ?? drafts[0];
          if (target !== undefined) ask(fields.write(target.id, expr));
        }}
      />
    </Page>
  );
}

const SLOW_MS = 300;

/** Runs the queries; turns into the way to stop them when they take long enough for that. */
function RunButton({ isRunning, onRun, onStop }: { readonly isRunning: boolean; readonly onRun: () => void; readonly onStop: () => void }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isRunning) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [isRunning]);
  return isSlow ? (
    <Button
      className={styles['run'] ?? ''}
      color="red"
      variant="default"
      leftSection={<IconPlayerStop size={16} aria-hidden />}
      onClick={onStop}
    >
      Stop
    </Button>
  ) : (
    <Button className={styles['run'] ?? ''} leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={onRun}>
      Run
    </Button>
  );
}

function CopyLink({ search }: { readonly search: ExploreSearch }) {
  const router = useRouter();
  const { href } = router.buildLocation({ to: '/explore', search });
  return <CopyButton text={new URL(router.history.createHref(href), document.location.href).href} label="Copy link" />;
}

function withoutEmpty(search: ExploreSearch): ExploreSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== '')) as ExploreSearch;
}
