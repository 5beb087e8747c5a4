import { Button, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { remember } from '../../data/remembered.ts';
import { Card, Page } from '../../parts/page.tsx';
import { RunStateBadge, VerdictBadge } from '../../parts/run-state.tsx';
import { SEVERITIES, SeverityBadge } from '../../parts/severity.tsx';
import styles from './settings.module.css';

export function AppearancePage() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Page title="Appearance">
      <Card title="Colour scheme">
        <SegmentedControl
          aria-label="Colour scheme"
          data={[
            { value: 'auto', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          value={colorScheme}
          onChange={setColorScheme}
        />
      </Card>
      <Card title="What the signs mean">
        <div style={{ display: 'grid', gap: 16 }}>
          <div className={styles['buttons']}>
            {SEVERITIES.map((severity) => (
              <SeverityBadge key={severity} severity={severity} />
            ))}
            <SeverityBadge severity="none" />
          </div>
          <div className={styles['buttons']}>
            <RunStateBadge state="awaiting approval" />
            <RunStateBadge state="running" />
            <RunStateBadge state="succeeded" />
            <RunStateBadge state="failed" />
            <VerdictBadge verification="waiting" />
            <VerdictBadge verification="fixed" />
            <VerdictBadge verification="not fixed" />
          </div>
        </div>
      </Card>
      <Card title="Demonstration">
        <Button variant="default" onClick={() => remember('demo-hidden', false)}>
          Show it on the overview again
        </Button>
      </Card>
    </Page>
  );
}
