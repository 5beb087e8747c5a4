import { signatures } from '../../core/promql/signatures.ts';
import { aggregators } from '../../core/promql/lex.ts';

type Switches = Readonly<Record<string, boolean>>;

const OPERATORS = ['!=', '!~', '%', '*', '+', '-', '/', '<', '<=', '==', '=~', '>', '>=', '@', '^', 'and', 'atan2', 'or', 'unless'];

/** `/api/v1/features`: what clients may use, under the names of Prometheus. What is not there is left out. */
export function describeFeatures(): Readonly<Record<string, Switches>> {
  return {
    api: on(['label_values_match', 'query_stats', 'query_warnings', 'remote_write_receiver', 'time_range_labels', 'time_range_series']),
    promql: on([
      'anchored',
      'at_modifier',
      'bool',
      'by',
      'duration_expr',
      'group_left',
      'group_right',
      'ignoring',
      'negative_offset',
      'offset',
      'on',
      'per_query_lookback_delta',
      'smoothed',
      'subqueries',
      'without',
    ]),
    promql_functions: on(signatures.keys()),
    promql_operators: on([...OPERATORS, ...aggregators]),
  };
}

function on(names: Iterable<string>): Switches {
  return Object.fromEntries([...names].sort().map((name) => [name, true]));
}
