import type uPlot from 'uplot';
import { formatValue, type Unit } from '../parts/format.ts';
import type { ChartModel, Threshold } from './chart-model.ts';

/** Colours as the stylesheet defines them now: canvas cannot read them itself. */
function readColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888888';
}

const POWERS_OF_TWO = Array.from({ length: 54 }, (_, power) => 2 ** power);

export function chartAxes(unit: Unit): uPlot.Axis[] {
  const ink = readColor('ink-3');
  const line = readColor('line');
  const font = `11px ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`;
  const shared = { stroke: ink, font, ticks: { show: false }, border: { show: false } };
  return [
    {
      ...shared,
      grid: { show: false },
      space: 72,
      size: 28,
      gap: 6,
      values: (...given) => formatTimes(given[1], given[4]),
    },
    {
      ...shared,
      grid: { stroke: line, width: 1 },
      space: 34,
      size: 64,
      gap: 6,
      values: (_plot, splits) => splits.map((split) => formatValue(Math.abs(split), unit)),
      ...(unit.startsWith('bytes') && { incrs: POWERS_OF_TWO }),
    },
  ];
}

const DAY_FORMAT = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const TIME_FORMAT = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const SECOND_FORMAT = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

function formatTimes(splits: readonly number[], increment: number): string[] {
  const format = increment >= 86_400 ? DAY_FORMAT : increment < 60 ? SECOND_FORMAT : TIME_FORMAT;
  let day = '';
  return splits.map((split, index) => {
    const at = split * 1000;
    const newDay = DAY_FORMAT.format(at);
    const changed = newDay !== day && index > 0;
    day = newDay;
    return changed && increment < 86_400 ? newDay : format.format(at);
  });
}

export function chartSeries(model: ChartModel): uPlot.Series[] {
  const alone = model.lines.length === 1 && model.thresholds.every(({ bad }) => bad === 'none');
  return [
    {},
    ...model.lines.map((line, index): uPlot.Series => {
      const color = readColor(line.color);
      return {
        label: line.label,
        stroke: color,
        width: model.stacked ? 1 : 1.75,
        points: { show: false },
        ...(line.dashed && { dash: [5, 4] }),
        ...((alone || line.filled) && !model.stacked && { fill: `${color}24` }),
        ...(model.stacked && index === 0 && { fill: `${color}59` }),
      };
    }),
  ];
}

/** Between each pile and the one below it. */
export function chartBands(model: ChartModel): uPlot.Band[] {
  if (!model.stacked) return [];
  return model.lines.map((line, index): uPlot.Band => ({ series: [index + 1, index], fill: `${readColor(line.color)}59` })).slice(1);
}

/** The y axis: from zero, to the highest value or threshold with a little air, or as the chart fixes it; `near`: only around what there is. */
export function yRange(model: ChartModel): (plot: uPlot, low: number | null, high: number | null) => [number, number] {
  const limits = model.thresholds.map(({ value }) => value);
  return (_plot, low, high) => {
    const floor = model.near ? [] : [0];
    const bottom = Math.min(low ?? Number.POSITIVE_INFINITY, ...limits, ...floor);
    const top = Math.max(high ?? Number.NEGATIVE_INFINITY, ...limits, ...floor);
    if (!Number.isFinite(bottom) || !Number.isFinite(top)) return [0, 1];
    const air = (top - bottom) * (model.near ? 0.16 : 0.08) || Math.abs(top) * 0.1 || 1;
    const least = bottom >= 0 ? Math.max(0, bottom - (model.near ? air : bottom)) : bottom - air;
    return [least, Math.max(model.max ?? top + air, top)];
  };
}

const LABEL_PIXELS = 15;

/** Dashed lines with their names, and a breath of colour on the bad side. A name that has no room on the left stands on the right. */
export function drawThresholds(plot: uPlot, thresholds: readonly Threshold[]): void {
  const { ctx, bbox } = plot;
  const taken: number[] = [];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const threshold of thresholds) {
    const y = Math.round(plot.valToPos(threshold.value, 'y', true));
    drawLine(plot, threshold, y);
    const crowded = taken.some((other) => Math.abs(other - y) < LABEL_PIXELS * devicePixelRatio);
    taken.push(y);
    drawLabel(plot, threshold, y, crowded ? 'right' : 'left');
  }
  ctx.restore();
}

function drawLine({ ctx, bbox }: uPlot, { tone, bad }: Threshold, y: number): void {
  const color = readColor(tone);
  ctx.fillStyle = `${color}10`;
  if (bad === 'above') ctx.fillRect(bbox.left, bbox.top, bbox.width, Math.max(0, y - bbox.top));
  if (bad === 'below') ctx.fillRect(bbox.left, y, bbox.width, Math.max(0, bbox.top + bbox.height - y));
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

function drawLabel({ ctx, bbox }: uPlot, { tone, label }: Threshold, y: number, side: 'left' | 'right'): void {
  const atTop = y - bbox.top < 18 * devicePixelRatio;
  ctx.fillStyle = readColor(tone);
  ctx.font = `600 ${11 * devicePixelRatio}px ${getComputedStyle(document.documentElement).getPropertyValue('--sans')}`;
  ctx.textAlign = side;
  ctx.textBaseline = atTop ? 'top' : 'bottom';
  const x = side === 'left' ? bbox.left + 6 * devicePixelRatio : bbox.left + bbox.width - 6 * devicePixelRatio;
  ctx.fillText(label, x, y + (atTop ? 3 : -3) * devicePixelRatio);
}
