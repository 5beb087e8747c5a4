import type { CallExpr } from './ast.ts';
import { bare } from './ast.ts';
import { type Column, newColumn, putFloat } from './column.ts';
import { mapFloats } from './eval-math.ts';
import { evalSelector } from './eval-selector.ts';
import type { Evaluation } from './evaluation.ts';

const SECONDS_A_DAY = 86_400;

/** A day of the proleptic Gregorian calendar in UTC; the month is 1..12. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The calendar day of a number of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function dayOf(days: number): Day {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function monthLength(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function dayOfYear({ year, month, day }: Day): number {
  let total = day;
  for (let each = 1; each < month; each += 1) total += monthLength(year, each);
  return total;
}

const parts: ReadonlyMap<string, (seconds: number) => number> = new Map([
  ['minute', (seconds) => Math.floor(within(seconds, 3_600) / 60)],
  ['hour', (seconds) => Math.floor(within(seconds, SECONDS_A_DAY) / 3_600)],
  ['day_of_week', (seconds) => within(Math.floor(seconds / SECONDS_A_DAY) + 4, 7)],
  ['day_of_month', (seconds) => calendar(seconds).day],
  ['day_of_year', (seconds) => dayOfYear(calendar(seconds))],
  ['month', (seconds) => calendar(seconds).month],
  ['year', (seconds) => calendar(seconds).year],
  ['days_in_month', (seconds) => monthLength(calendar(seconds).year, calendar(seconds).month)],
]);

function within(value: number, length: number): number {
  return value - Math.floor(value / length) * length;
}

function calendar(seconds: number): Day {
  return dayOf(Math.floor(seconds / SECONDS_A_DAY));
}

/** The names of the functions that take a part of a date. */
export const dateFunctions: readonly string[] = [...parts.keys()];

/** `hour(v)` and its like: a part of the date that each number, as seconds since 1970, stands for; without argument, of now. */
export function evalDate(evaluation: Evaluation, call: CallExpr): Column[] {
  const part = parts.get(call.name);
  if (part === undefined) return [];
  const [arg] = call.args;
  // Fractions of a second are cut off; what is no number stays none.
  const of = (seconds: number): number => (Number.isFinite(seconds) ? part(Math.trunc(seconds)) : Number.NaN);
  if (arg !== undefined) return mapFloats(evaluation.columns(arg), of);
  const column = newColumn({}, evaluation.steps);
  for (let step = 0; step < evaluation.steps; step += 1) putFloat(column, step, of(Math.floor(evaluation.time(step) / 1000)));
  return [column];
}

/** `timestamp(v)`: when the sample was taken, for a selector; else when the expression was evaluated. */
export function evalTimestamp(evaluation: Evaluation, call: CallExpr): Column[] {
  const [arg] = call.args;
  if (arg === undefined) return [];
  const selector = bare(arg);
  if (selector.kind === 'selector') return evalSelector(evaluation, selector, 'time');
  return evaluation.columns(arg).map((column) => {
    const result = newColumn(column.labels, evaluation.steps, true);
    for (const [step, kind] of column.present.entries()) {
      if (kind !== 0) putFloat(result, step, evaluation.time(step) / 1000);
    }
    return result;
  });
}

/** `start_timestamp(v)`: when the counter of the selected sample started, 0 = not known; nothing for other expressions. */
export function evalStartTimestamp(evaluation: Evaluation, call: CallExpr): Column[] {
  const [arg] = call.args;
  const selector = arg === undefined ? arg : bare(arg);
  return selector?.kind === 'selector' ? evalSelector(evaluation, selector, 'start-time') : [];
}
