import type { ValueType } from './ast.ts';

/** What a function takes and gives. */
export interface Signature {
  readonly args: readonly ValueType[];
  /** How many of the last arguments may be left out; -1 = the last one may also be repeated without end; n > 0 may bound it with `atMost`. */
  readonly optional: number;
  /** For repeated last arguments: how many arguments at most. */
  readonly atMost: number;
  readonly returns: ValueType;
}

const table = new Map<string, Signature>();

function define(names: string, args: readonly ValueType[], returns: ValueType, optional = 0): void {
  for (const name of names.split(' ')) table.set(name, { args, optional, atMost: args.length, returns });
}

define('pi time start end range step', [], 'scalar');
define(
  'abs acos acosh absent asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev histogram_stdvar ' +
    'histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt start_timestamp tan tanh timestamp',
  ['vector'],
  'vector',
);
define(
  'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time mad_over_time ' +
    'max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time ' +
    'ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time',
  ['matrix'],
  'vector',
);
define('days_in_month day_of_month day_of_week day_of_year hour minute month year', ['vector'], 'vector', 1);
define('clamp', ['vector', 'scalar', 'scalar'], 'vector');
define('clamp_max clamp_min', ['vector', 'scalar'], 'vector');
define('round', ['vector', 'scalar'], 'vector', 1);
define('double_exponential_smoothing', ['matrix', 'scalar', 'scalar'], 'vector');
define('histogram_fraction', ['scalar', 'scalar', 'vector'], 'vector');
define('histogram_quantile', ['scalar', 'vector'], 'vector');
define('info', ['vector', 'vector'], 'vector', 1);
define('label_replace', ['vector', 'string', 'string', 'string', 'string'], 'vector');
define('max_of min_of', ['scalar', 'scalar'], 'scalar');
define('predict_linear', ['matrix', 'scalar'], 'vector');
define('quantile_over_time', ['scalar', 'matrix'], 'vector');
define('scalar', ['vector'], 'scalar');
define('vector', ['scalar'], 'vector');

const MANY = 1_000;
table.set('label_join', { args: ['vector', 'string', 'string', 'string'], optional: -1, atMost: MANY, returns: 'vector' });
table.set('sort_by_label', { args: ['vector', 'string'], optional: -1, atMost: MANY, returns: 'vector' });
table.set('sort_by_label_desc', { args: ['vector', 'string'], optional: -1, atMost: MANY, returns: 'vector' });
table.set('histogram_quantiles', { args: ['vector', 'string', 'scalar', 'scalar'], optional: -1, atMost: 12, returns: 'vector' });

/** Every function of PromQL by its name. */
export const signatures: ReadonlyMap<string, Signature> = table;
