import { z } from 'zod';
import type { Labels } from '../base/labels.ts';
import type { Problem } from '../base/problem.ts';
import { parseMoment, type ForeignAlert } from './foreign.ts';

/** The most alerts in one request; a sender splits more. */
const ALERTS_LIMIT = 10_000;
const LABELS_LIMIT = 100;
const NAME_LIMIT = 1_000;
const VALUE_LIMIT = 10_000;

const Texts = z
  .record(z.string().min(1).max(NAME_LIMIT), z.string().max(VALUE_LIMIT))
  .refine((set) => Object.keys(set).length <= LABELS_LIMIT, `more than ${LABELS_LIMIT} entries`);

const Stated = z.object({
  labels: Texts,
  annotations: Texts.default({}),
  startsAt: z.string().max(100).optional(),
  endsAt: z.string().max(100).optional(),
  generatorURL: z.string().max(VALUE_LIMIT).default(''),
  status: z.unknown().optional(),
});

const Webhook = z.object({ version: z.string().optional(), alerts: z.array(z.unknown()).max(ALERTS_LIMIT) });

/** `alertmanager v2`: the body of POST /api/v2/alerts; `alertmanager webhook`: what Alertmanager sends to a receiver, version 4. */
export type ForeignFormat = 'alertmanager v2' | 'alertmanager webhook';

/** What can be used of a request, and everything that is wrong with the rest: one bad alert never holds up the others. */
export function parseForeignAlerts(
  format: ForeignFormat,
  body: unknown,
): { readonly alerts: readonly ForeignAlert[]; readonly problems: readonly Problem[] } {
  const list =
    format === 'alertmanager v2'
      ? z.array(z.unknown()).max(ALERTS_LIMIT).safeParse(body)
      : Webhook.transform((hook) => hook.alerts).safeParse(body);
  if (!list.success) return { alerts: [], problems: problemsOf(list.error, '') };
  const alerts: ForeignAlert[] = [];
  const problems: Problem[] = [];
  for (const [index, item] of list.data.entries()) {
    const parsed = Stated.safeParse(item);
    if (!parsed.success) problems.push(...problemsOf(parsed.error, `${index}.`));
    else {
      const labels = present(parsed.data.labels);
      if (Object.keys(labels).length === 0) problems.push({ path: `${index}.labels`, message: 'at least one label is needed' });
      else alerts.push(toAlert(parsed.data, labels, format));
    }
  }
  return { alerts, problems };
}

function toAlert(stated: z.output<typeof Stated>, labels: Labels, format: ForeignFormat): ForeignAlert {
  const said = format === 'alertmanager webhook' && (stated.status === 'firing' || stated.status === 'resolved') ? stated.status : null;
  return {
    labels,
    annotations: stated.annotations,
    startsAt: parseMoment(stated.startsAt),
    endsAt: parseMoment(stated.endsAt),
    generatorUrl: isWebAddress(stated.generatorURL) ? stated.generatorURL : '',
    status: said,
  };
}

/** An empty value means that the label is absent, as everywhere in Prometheus. */
function present(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** Other schemes (`javascript:`) never become a link. */
function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

function problemsOf(error: z.ZodError, prefix: string): Problem[] {
  return error.issues.slice(0, 20).map((issue) => ({ path: `${prefix}${issue.path.join('.')}`, message: issue.message }));
}
