import type { Unit } from '../../parts/format.ts';
import { type ChartModel, type Line, seriesColor } from '../../plots/chart-model.ts';
import type { Labels, RangeAnswer, Track } from './answer.ts';
import { quantileOf } from './histogram.ts';
import { seriesName } from '../../parts/series-name.ts';

/** The answer to the query with this letter. */
export interface Lettered {
  readonly letter: string;
  readonly expr: string;
  readonly answer: RangeAnswer;
  /** The same some time before, on the same moments. */
  readonly before?: { readonly name: string; readonly answer: RangeAnswer } | null;
}

interface Look {
  readonly unit: Unit;
  readonly stacked: boolean;
  /** Lines that are drawn at most. */
  readonly most: number;
}

/** Of a line that is no longer there. */
const EARLIER_COLOR = 'ink-3';
const QUANTILES = [0.5, 0.9, 0.99] as const;

/** All answers in one picture; of a native histogram three quantiles. */
export function graphModel(answers: readonly Lettered[], { unit, stacked, most }: Look): ChartModel {
  const at = answers[0]?.answer.at ?? [];
  const several = answers.length > 1;
  const namedOf = ({ letter, expr, answer, before }: Lettered, tracks: readonly Track[]) => {
    const shared = sharedLabels(distinct([...answer.tracks, ...(before?.answer.tracks ?? [])]));
    const lines = tracks.flatMap((track) => linesOf(track, shared, shortened(expr)));
    return several ? lines.map((line) => ({ ...line, label: `${letter} ${line.label}` })) : lines;
  };
  const named = answers.flatMap((one) => namedOf(one, one.answer.tracks));
  const now = named.slice(0, most).map((line, index): Line => ({ ...line, color: seriesColor(index) }));
  const colors = new Map(now.map(({ label, color }) => [label, color]));
  const before = answers.flatMap((one) =>
    one.before == null
      ? []
      : namedOf(one, one.before.answer.tracks).map(
          (line): Line => ({
            ...line,
            label: `${line.label}, ${one.before?.name}`,
            title: `${line.title}, ${one.before?.name}`,
            color: colors.get(line.label) ?? EARLIER_COLOR,
            dashed: true,
          }),
        ),
  );
  const lines = [...now, ...before.slice(0, Math.max(0, most - now.length))];
  return { unit, at, lines, thresholds: [], ...(stacked ? { stacked: true as const } : isFarFromZero(lines) && { near: true as const }) };
}

/** How many lines the answers have in all. */
export function countLines(answers: readonly Lettered[]): number {
  return answers.reduce(
    (sum, { answer }) => sum + answer.tracks.reduce((all, { histograms }) => all + (histograms === null ? 1 : QUANTILES.length), 0),
    0,
  );
}

const MOST_CHARACTERS = 60;

function shortened(expr: string): string {
  const line = expr.replaceAll(/\s+/g, ' ');
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS - 1)}…` : line;
}

/** The labels of all series, each once. */
function distinct(tracks: readonly Track[]): readonly Labels[] {
  return [...new Map(tracks.map(({ labels }) => [seriesName(labels), labels])).values()];
}

/** The names of the labels that all have with the same value: they tell nobody apart. One alone is named in full. */
function sharedLabels(all: readonly Labels[]): ReadonlySet<string> {
  const [first] = all;
  if (first === undefined || all.length < 2) return new Set();
  return new Set(Object.keys(first).filter((name) => name !== '__name__' && all.every((labels) => labels[name] === first[name])));
}

/** `nameless`: what a series without any label is called. */
function linesOf({ labels, values, histograms }: Track, shared: ReadonlySet<string>, nameless: string): readonly Omit<Line, 'color'>[] {
  const isNameless = Object.keys(labels).length === 0;
  const title = seriesName(labels);
  const label = isNameless ? nameless : seriesName(Object.fromEntries(Object.entries(labels).filter(([name]) => !shared.has(name))));
  if (histograms === null) return [{ label, title, values }];
  return QUANTILES.map((share) => ({
    label: `${label} p${Math.round(share * 100)}`,
    title,
    values: histograms.map((histogram) => (histogram === null ? null : quantileOf(histogram, share))),
  }));
}

/** Values that lie close together and far from zero would be one flat line on an axis that begins at zero. */
function isFarFromZero(lines: readonly Line[]): boolean {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { values } of lines) {
    for (const value of values) {
      if (value === null) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  if (least > most) return false;
  const nearest = least > 0 ? least : most < 0 ? -most : 0;
  return nearest > 0 && most - least < nearest / 2;
}
