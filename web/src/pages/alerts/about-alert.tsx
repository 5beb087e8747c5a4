import { Link } from '@tanstack/react-router';
import type { Alert } from '../../data/types.ts';
import { Fact, Facts, LabelChips } from '../../parts/facts.tsx';
import { formatNumber } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Lasted, Moment } from '../../parts/time.tsx';

const SHOWN_ABOVE = new Set(['summary', 'description', 'message', 'runbook_url']);

/** The facts of an alert: where, since when, how much, and everything it carries. */
export function AboutAlert({ alert }: { readonly alert: Alert }) {
  const more = Object.entries(alert.annotations).filter(
    ([name]) => !SHOWN_ABOVE.has(name) || (name === 'description' && 'summary' in alert.annotations),
  );
  const runbook = alert.annotations['runbook_url'];
  return (
    <Card title="About it">
      <Facts>
        {alert.host !== null && (
          <Fact name="Host">
            <Link to="/hosts/$name" params={{ name: alert.host }}>
              {alert.host}
            </Link>
          </Fact>
        )}
        {alert.value !== null && <Fact name="Value">{formatNumber(alert.value)}</Fact>}
        <Fact name="First seen">
          <Moment at={alert.activeAt} />
        </Fact>
        {alert.firedAt !== null && (
          <Fact name={alert.resolvedAt === null ? 'Fires for' : 'Fired for'}>
            <Lasted from={alert.firedAt} to={alert.resolvedAt} />
          </Fact>
        )}
        {alert.resolvedAt !== null && (
          <Fact name="Resolved">
            <Moment at={alert.resolvedAt} />
          </Fact>
        )}
        {isWebLink(runbook) && (
          <Fact name="Runbook">
            <a href={runbook} target="_blank" rel="noreferrer noopener">
              Open
            </a>
          </Fact>
        )}
        {isWebLink(alert.generatorUrl) && (
          <Fact name="Source">
            <a href={alert.generatorUrl} target="_blank" rel="noreferrer noopener">
              Open
            </a>
          </Fact>
        )}
        {more.map(([name, text]) => (
          <Fact key={name} name={name} wide>
            {text}
          </Fact>
        ))}
        <Fact name="Labels" wide>
          <LabelChips labels={alert.labels} />
        </Fact>
      </Facts>
    </Card>
  );
}

/** Alerts come from outside: only addresses of the web become links. */
function isWebLink(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//i.test(url);
}
