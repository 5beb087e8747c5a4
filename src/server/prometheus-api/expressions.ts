import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatProblem } from '../../core/base/problem.ts';
import type { Expr } from '../../core/promql/ast.ts';
import { formatPretty } from '../../core/promql/format-pretty.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { describeExpr } from './expr-tree.ts';
import { badParam, readParams } from './params.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
const BOTH = ['GET', 'POST'];

/** `/api/v1/format_query` and `/api/v1/parse_query`: what an expression is, without running it. */
export function serveExpressions(server: FastifyInstance): void {
  const serve = (url: string, show: (expr: Expr) => unknown): void => {
    const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      const { value, problems } = parseExpr(readParams(request).get('query') ?? '');
      if (value === null) return sendQueryError(reply, badParam('query', problems.map(formatProblem).join('\n')));
      return sendData(reply, show(value));
    };
    server.route({ method: BOTH, url, config, handler });
  };
  serve('/api/v1/format_query', formatPretty);
  serve('/api/v1/parse_query', describeExpr);
}
