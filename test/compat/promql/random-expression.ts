/** A stream of numbers in 0..1 that a seed determines (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Random PromQL over the metrics of `randomSeries`, of the language that Prometheus 2.42 and 3.x share. */
export class RandomExpression {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): string {
    return this.#chance(0.08) ? this.#scalar(3) : this.#vector(4);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(...items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  #matchers(): string {
    const one = (): string =>
      this.#pick(
        'job="a"',
        'job!="a"',
        'job=~"a|b"',
        'job!~"b.*"',
        'instance=~"i[0-2]"',
        'instance="i1"',
        'instance!~".*3"',
        'missing=""',
        'job=~".+"',
      );
    const count = this.#pick(0, 0, 1, 1, 2);
    const list = Array.from({ length: count }, one);
    return list.length === 0 ? '' : `{${list.join(',')}}`;
  }

  #modifiers(): string {
    if (this.#chance(0.75)) return '';
    return this.#pick(' offset 3m', ' offset -2m', ' offset 1h', ' @ 1700003603', ' @ start()', ' @ end()', ' @ 1700002003 offset 5m');
  }

  #gauge(): string {
    return this.#pick('temperature', 'queue', 'gappy');
  }

  #counter(): string {
    return this.#pick('requests_total', 'errors_total');
  }

  #selector(): string {
    return this.#pick(this.#gauge(), this.#counter(), 'latency_bucket', 'info_metric') + this.#matchers() + this.#modifiers();
  }

  #range(metric: string, depth: number): string {
    const length = this.#pick('1m', '2m', '5m', '10m', '1h', '45s', '20m');
    if (depth > 1 && this.#chance(0.15))
      return `${this.#subqueried(depth - 2)}[${this.#pick('5m', '20m', '1h')}:${this.#pick('1m', '30s', '', '7m')}]${this.#modifiers()}`;
    return `${metric}${this.#matchers()}[${length}]${this.#modifiers()}`;
  }

  #subqueried(depth: number): string {
    return this.#chance(0.5) ? this.#gauge() + this.#matchers() : `(${this.#vector(depth)})`;
  }

  #number(): string {
    return this.#pick('0', '1', '2', '0.5', '10', '-3', '1e3', '0x10', '100', '7.25');
  }

  #scalar(depth: number): string {
    if (depth <= 0) return this.#number();
    return this.#pick(
      () => this.#number(),
      () => `scalar(${this.#vector(depth - 1)})`,
      () => 'time()',
      () => `(${this.#scalar(depth - 1)} ${this.#pick('+', '-', '*', '/', '%')} ${this.#scalar(depth - 1)})`,
      () => `(${this.#scalar(depth - 1)} ${this.#pick('>', '<=', '==', '!=')} bool ${this.#scalar(depth - 1)})`,
    )();
  }

  #vector(depth: number): string {
    if (depth <= 0) return this.#selector();
    const inner = (): string => this.#vector(depth - 1);
    return this.#pick(
      () => this.#selector(),
      () => this.#selector(),
      () => this.#ranged(depth),
      () => this.#ranged(depth),
      () => this.#ranged(depth),
      () => this.#mapped(inner()),
      () => this.#aggregated(depth),
      () => this.#aggregated(depth),
      () => this.#aggregated(depth),
      () =>
        `(${inner()} ${this.#pick('+', '-', '*', '/', '%', '^', '>', '<', '>=', '!=', '== bool', '> bool', 'atan2')} ${this.#scalar(depth - 1)})`,
      () => `(${this.#scalar(depth - 1)} ${this.#pick('+', '-', '*', '/', '<', '>= bool')} ${inner()})`,
      () => this.#matched(depth),
      () => this.#matched(depth),
      () => `-${this.#selector()}`,
      () => this.#special(depth),
    )();
  }

  #ranged(depth: number): string {
    const counter = this.#counter();
    const gauge = this.#gauge();
    return this.#pick(
      () => `${this.#pick('rate', 'increase', 'irate', 'resets', 'delta')}(${this.#range(counter, depth)})`,
      () => `rate(${this.#range('latency_bucket', depth)})`,
      () =>
        `${this.#pick('avg', 'sum', 'min', 'max', 'count', 'stddev', 'stdvar', 'last', 'present')}_over_time(${this.#range(this.#pick(gauge, counter), depth)})`,
      () => `${this.#pick('delta', 'idelta', 'deriv', 'changes')}(${this.#range(gauge, depth)})`,
      () => `quantile_over_time(${this.#pick('0', '0.3', '0.5', '0.99', '1', '2', '-1')}, ${this.#range(gauge, depth)})`,
      () => `predict_linear(${this.#range(gauge, depth)}, ${this.#pick('60', '3600', '-300')})`,
      () => `absent_over_time(${this.#range(this.#pick('gappy', 'nothing'), depth)})`,
    )();
  }

  #mapped(inner: string): string {
    const plain = this.#pick(
      'abs',
      'ceil',
      'floor',
      'exp',
      'sqrt',
      'ln',
      'log2',
      'log10',
      'sgn',
      'round',
      'atan',
      'cos',
      'deg',
      'rad',
      'sort',
      'sort_desc',
      'minute',
      'day_of_week',
    );
    return this.#pick(
      () => `${plain}(${inner})`,
      () => `${plain}(${inner})`,
      () => `clamp(${inner}, -5, ${this.#number()})`,
      () => `clamp_min(${inner}, ${this.#number()})`,
      () => `clamp_max(${inner}, ${this.#number()})`,
      () => `round(${inner}, ${this.#pick('0.1', '5', '1000')})`,
      () => `timestamp(${inner})`,
    )();
  }

  #aggregated(depth: number): string {
    const grouping = this.#pick(
      '',
      '',
      ' by (job)',
      ' by (instance, job)',
      ' without (instance)',
      ' without (le, instance)',
      ' by (le)',
      ' by ()',
      ' by (missing)',
    );
    const plain = this.#pick('sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar');
    const inner = this.#vector(depth - 1);
    return this.#pick(
      () => `${plain}${grouping}(${inner})`,
      () => `${plain}${grouping}(${inner})`,
      () => `${plain}${grouping}(${inner})`,
      () => `quantile${grouping}(${this.#pick('0', '0.25', '0.9', '1', '1.5')}, ${inner})`,
      () => `count(${this.#pick('topk', 'bottomk')}${grouping}(${this.#pick('1', '2', '5')}, ${inner}))`,
      () => `${this.#pick('topk', 'bottomk')}${grouping}(${this.#pick('1', '2')}, ${this.#gauge()})`,
      () => `count_values${grouping}("value", round(${inner}, 10))`,
    )();
  }

  #matched(depth: number): string {
    const left = this.#vector(depth - 1);
    const right = this.#vector(depth - 1);
    const arithmetic = this.#pick('+', '-', '*', '/', '>', '<= bool', '!=', '%');
    return this.#pick(
      () => `(${left} ${arithmetic} ${right})`,
      () => `(${left} ${arithmetic} ignoring(missing) ${right})`,
      () => `(sum by (job) (${left}) ${arithmetic} on(job) avg by (job) (${right}))`,
      () => `(${this.#gauge()} ${arithmetic} on(job) group_left sum by (job) (${right}))`,
      () => `(${this.#gauge()} * on(instance, job) group_left(version) info_metric)`,
      () => `(max by (job) (${right}) ${arithmetic} on(job) group_right ${this.#gauge()})`,
      () => `(${left} ${this.#pick('and', 'or', 'unless')}${this.#pick('', ' on(job)', ' ignoring(instance)', ' on()')} ${right})`,
    )();
  }

  #special(depth: number): string {
    return this.#pick(
      () =>
        `histogram_quantile(${this.#pick('0', '0.5', '0.9', '0.99', '1')}, ${this.#pick('latency_bucket', 'rate(latency_bucket[5m])', 'sum by (le, job) (rate(latency_bucket[10m]))', 'sum by (le) (latency_bucket)')})`,
      () => `absent(${this.#vector(depth - 1)})`,
      () => `label_replace(${this.#vector(depth - 1)}, "copy", "$1x", "${this.#pick('job', 'instance', 'missing')}", "(.*)")`,
      () => `label_join(${this.#vector(depth - 1)}, "both", "-", "job", "instance")`,
      () => `vector(${this.#scalar(depth - 1)})`,
    )();
  }
}
