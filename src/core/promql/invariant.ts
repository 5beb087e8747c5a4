import { type Expr, childrenOf } from './ast.ts';

/** Functions whose result depends on the evaluation time although their arguments do not. */
const UNSAFE: ReadonlySet<string> = new Set(
  'days_in_month day_of_month day_of_week day_of_year hour minute month year predict_linear time timestamp start end range step'.split(' '),
);

/** Which parts of an expression have the same value at every step, because `@` fixes their time or they read no series. */
export class Invariance {
  readonly #known = new Map<Expr, boolean>();

  holds(expr: Expr): boolean {
    let known = this.#known.get(expr);
    if (known === undefined) {
      known = this.#find(expr);
      this.#known.set(expr, known);
    }
    return known;
  }

  #find(expr: Expr): boolean {
    switch (expr.kind) {
      case 'number':
      case 'string':
        return true;
      case 'selector':
        return expr.at !== null;
      case 'subquery':
        return expr.at !== null;
      case 'call':
        return !UNSAFE.has(expr.name) && expr.args.every((arg) => this.holds(arg));
      default:
        return childrenOf(expr).every((child) => this.holds(child));
    }
  }
}
