import { IconChartLine } from '@tabler/icons-react';
import { serverNow } from '../../data/server-time.ts';
import type { AlertDetail } from '../../data/types.ts';
import { formatLength } from '../../parts/format.ts';
import { LinkButton } from '../../parts/link-button.tsx';
import { Card } from '../../parts/page.tsx';
import { Sentence } from '../../parts/sentence.tsx';
import { SeverityBadge } from '../../parts/severity.tsx';
import { AlertChart } from './alert-chart.tsx';
import styles from './alert-page.module.css';
import { boundsOfLife } from './life.ts';

/** Why it fires: the facts in sentences, the value with the levels it crossed, and the rule itself. */
export function Why({ detail }: { readonly detail: AlertDetail }) {
  const { alert, rule } = detail;
  // The expression stands below in full.
  const explanation = detail.explanation.filter((reason) => rule === null || !reason.includes(rule.expr));
  return (
    <Card title={alert.state === 'resolved' ? 'Why it fired' : alert.state === 'pending' ? 'Why it is pending' : 'Why it fires'}>
      {explanation.length > 0 && (
        <ul className={styles['reasons']}>
          {explanation.map((reason) => (
            <li key={reason}>
              <Sentence text={reason} />
            </li>
          ))}
        </ul>
      )}
      {rule === null ? (
        <p style={{ margin: 0, color: 'var(--ink-2)' }}>Another system judged it and sent it here.</p>
      ) : (
        <>
          <AlertChart alert={alert} rule={rule} />
          <Levels rule={rule} bounds={boundsOfLife(alert, serverNow())} />
        </>
      )}
    </Card>
  );
}

interface LevelsProps {
  readonly rule: NonNullable<AlertDetail['rule']>;
  readonly bounds: { readonly from: number; readonly to: number };
}

function Levels({ rule, bounds }: LevelsProps) {
  return (
    <>
      <table className={styles['levels']}>
        <thead>
          <tr>
            <th scope="col">Level</th>
            <th scope="col">When the value is</th>
            <th scope="col">For at least</th>
          </tr>
        </thead>
        <tbody>
          {rule.levels.map(({ name, condition, forMs }) => (
            <tr key={name}>
              <td>
                <SeverityBadge severity={name} plain />
              </td>
              <td>{condition}</td>
              <td>{forMs === 0 ? 'at once' : formatLength(forMs)}</td>
            </tr>
          ))}
          {rule.recovery !== null && (
            <tr>
              <td>
                <SeverityBadge severity="none" plain />
              </td>
              <td>{rule.recovery.condition}</td>
              <td>{rule.recovery.forMs === 0 ? 'at once' : formatLength(rule.recovery.forMs)}</td>
            </tr>
          )}
        </tbody>
      </table>
      <code className={styles['expr']}>{rule.expr}</code>
      <LinkButton
        to="/explore"
        search={{ q: [rule.expr], ...bounds }}
        size="compact-sm"
        variant="default"
        leftSection={<IconChartLine size={15} aria-hidden />}
        style={{ marginTop: 8 }}
      >
        Explore this expression
      </LinkButton>
      <p style={{ margin: '8px 0 0', fontSize: 13, color: 'var(--ink-3)' }}>
        Rule {rule.name}, {rule.file === null ? 'built in' : `${rule.file}:${rule.line}`}
      </p>
    </>
  );
}
