import { Modal } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { actionsQuery } from '../../data/actions.ts';
import type { Action, Alert } from '../../data/types.ts';
import { Empty } from '../../parts/empty.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import styles from '../actions/actions-page.module.css';
import { RunDialog } from '../actions/run-dialog.tsx';
import { fromAlert } from '../actions/values.ts';

interface Props {
  readonly alert: Alert;
  readonly onClose: () => void;
}

/** Chooses an action to run for an alert; what the alert knows is filled in. Those that fit best stand first. */
export function ActOnAlert({ alert, onClose }: Props) {
  const query = useQuery(actionsQuery);
  const [chosen, setChosen] = useState<Action | null>(null);
  if (chosen !== null)
    return <RunDialog action={chosen} initial={fromAlert(chosen.parameters, alert)} alert={alert.id} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={`Run an action for ${alert.name}`}>
      <Loaded query={query}>
        {({ items }) => {
          const actions = items
            .filter(({ mayRun }) => mayRun)
            .toSorted((a, b) => fit(b, alert) - fit(a, alert) || (a.name < b.name ? -1 : 1));
          if (actions.length === 0) return <Empty Icon={IconBolt} title="There is no action you may run" />;
          return (
            <ul className={styles['list']}>
              {actions.map((action) => (
                <li key={action.name}>
                  <button type="button" className={styles['choice']} onClick={() => setChosen(action)}>
                    <strong className={styles['name']}>{action.name}</strong>
                    <p className={styles['text']}>{action.description}</p>
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Modal>
  );
}

/** How well an action fits: run before for this alert counts most, then how many of its parameters the alert knows. */
function fit(action: Action, alert: Alert): number {
  const known = Object.keys(fromAlert(action.parameters, alert)).length;
  const open = action.parameters.filter(({ required }) => required).length;
  return (action.lastRun?.alert === alert.id ? 10 : 0) + (open === 0 ? 0.5 : known / open);
}
