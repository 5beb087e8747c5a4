import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatValue } from '../parts/format.ts';
import type { ChartModel } from './chart-model.ts';
import { chartAxes, chartBands, chartSeries, drawThresholds, yRange } from './chart-options.ts';
import { isolated, toggled } from './hidden-lines.ts';
import { Legend } from './legend.tsx';
import styles from './chart.module.css';
import { stack, summary } from './stack.ts';
import { bindTouchDrag } from './touch-drag.ts';

interface Props {
  readonly title: string;
  readonly model: ChartModel;
  /** What the x axis shows, in seconds, also where there is no value. */
  readonly from: number;
  readonly to: number;
  readonly height?: number;
  /** Charts with the same key share one crosshair. */
  readonly syncKey?: string;
  readonly onZoom?: (fromMs: number, toMs: number) => void;
  readonly onReset?: () => void;
  /** What a click on a name does: hide that line, or show it alone. With Ctrl it is the other one. */
  readonly onName?: 'hide' | 'isolate';
}

const LEAST_DRAG_PIXELS = 6;

/** Lines over time. Drag to zoom, double-click to go back; its words stand below it, also for those who do not see it. */
export function Chart({ title, model, from, to, height = 180, syncKey, onZoom, onReset, onName = 'hide' }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const deeds = useRef({ onZoom, onReset });
  const latest = useRef({ model, from, to });
  const [cursor, setCursor] = useState<number | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const scheme = useComputedColorScheme('light');
  const data = useMemo(() => plotData(model, hidden), [model, hidden]);
  const shape = shapeOf(model);

  useEffect(() => {
    deeds.current = { onZoom, onReset };
    latest.current = { model, from, to };
  });

  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const made = createPlot(element, {
      model: () => latest.current.model,
      bounds: () => [latest.current.from, latest.current.to],
      height,
      syncKey,
      onCursor: setCursor,
      onZoom: (a, b) => deeds.current.onZoom?.(a, b),
      onReset: () => deeds.current.onReset?.(),
    });
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, scheme, height, syncKey]);

  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(data, false);
      plot.current?.setScale('x', { min: from, max: to });
    });
  }, [data, from, to, shape, scheme, height, syncKey]);

  useEffect(() => {
    if (model.stacked) return;
    plot.current?.batch(() => {
      for (const [index, line] of model.lines.entries()) plot.current?.setSeries(index + 1, { show: !hidden.has(line.label) });
    });
  }, [hidden, model, scheme]);

  const choose = (label: string, other: boolean): void =>
    setHidden((before) => {
      const labels = model.lines.map((line) => line.label);
      return (onName === 'isolate') === other ? toggled(before, label) : isolated(before, label, labels);
    });
  return (
    <figure className={styles['figure']} aria-label={title}>
      <div className={styles['plot']} ref={holder} style={{ height }} aria-hidden>
        {model.lines.length === 0 && <div className={styles['none']}>No values in this time</div>}
      </div>
      <Legend model={model} cursor={cursor} hidden={hidden} onChoose={choose} />
      <VisuallyHidden>{describe(model)}</VisuallyHidden>
    </figure>
  );
}

interface Wiring {
  readonly model: () => ChartModel;
  readonly bounds: () => [number, number];
  readonly height: number;
  readonly syncKey: string | undefined;
  readonly onCursor: (index: number | null) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
}

function createPlot(element: HTMLElement, wiring: Wiring): uPlot {
  const model = wiring.model();
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: wiring.height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    axes: chartAxes(model.unit),
    series: chartSeries(model),
    bands: chartBands(model),
    scales: { x: { time: true, range: () => wiring.bounds() }, y: { range: (plot, low, high) => yRange(wiring.model())(plot, low, high) } },
    cursor: {
      y: false,
      points: { size: 7, width: 2 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          wiring.onReset();
          return null;
        },
      },
      ...(wiring.syncKey !== undefined && { sync: { key: wiring.syncKey } }),
    },
    hooks: {
      ready: [bindTouchDrag],
      setCursor: [(plot) => wiring.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < LEAST_DRAG_PIXELS) return;
          wiring.onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      draw: [(plot) => drawThresholds(plot, wiring.model().thresholds)],
    },
  };
  return new uPlot(options, plotData(model, new Set()), element);
}

/** A hidden line of a pile becomes nothing, so that the others close up; other charts hide the line itself. */
function plotData(model: ChartModel, hidden: ReadonlySet<string>): uPlot.AlignedData {
  if (model.stacked)
    return [[...model.at], ...stack(model.lines.map((line) => (hidden.has(line.label) ? line.values.map(() => null) : line.values)))];
  return [[...model.at], ...model.lines.map((line) => (line.below ? line.values.map(downwards) : [...line.values]))];
}

function downwards(value: number | null): number | null {
  return value === null ? null : -value;
}

/** What cannot change in a living plot: when this differs it is made anew. */
function shapeOf(model: ChartModel): string {
  return JSON.stringify([
    model.unit,
    model.stacked,
    model.thresholds,
    model.lines.map(({ label, color, dashed, filled }) => [label, color, dashed, filled]),
  ]);
}

function describe(model: ChartModel): string {
  return model.lines
    .map((line) => {
      const { last, most } = summary(line.values);
      return last === null
        ? `${line.label}: no value.`
        : `${line.label}: now ${formatValue(last, model.unit)}, at most ${formatValue(most, model.unit)}.`;
    })
    .join(' ');
}
