import { Button, Group, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { keys } from '../../data/keys.ts';
import { recall, recallPlanQuery, type RecallRange } from '../../data/recall.ts';
import { ErrorCallout } from '../../parts/callout.tsx';
import { formatBytes, plural } from '../../parts/format.ts';
import styles from './storage.module.css';

const DAY = 86_400_000;
const LENGTHS = [
  { value: String(DAY), label: 'A day' },
  { value: String(7 * DAY), label: '7 days' },
  { value: String(30 * DAY), label: '30 days' },
];

interface Props {
  readonly range: RecallRange;
  readonly onClose: () => void;
}

/** Asks which time comes back from the cold folder, and for how long, and says what that is about. */
export function RecallDialog({ range, onClose }: Props) {
  const queries = useQueryClient();
  const [from, setFrom] = useState(dayOf(range.start));
  const [to, setTo] = useState(dayOf(range.end));
  const [keep, setKeep] = useState(String(7 * DAY));
  const [reason, setReason] = useState('');
  const wanted = { start: new Date(`${from}T00:00:00`).getTime(), end: new Date(`${to}T00:00:00`).getTime() + DAY - 1 };
  const isTime = wanted.start <= wanted.end;
  const plan = useQuery({ ...recallPlanQuery(wanted), enabled: isTime });
  const deed = useMutation({
    mutationFn: () => recall(wanted, { keep: Number(keep), reason }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.seriesStatus });
      onClose();
    },
  });
  const nothing = plan.data !== undefined && plan.data.blocks + plan.data.back === 0;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    deed.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Bring back from the cold folder">
      <form onSubmit={submit} className={styles['form']}>
        <Group grow gap="sm">
          <TextInput type="date" label="From" value={from} onChange={(event) => setFrom(event.currentTarget.value)} data-autofocus />
          <TextInput type="date" label="To" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        </Group>
        <NativeSelect
          label="They stay for"
          description="After that they go to the cold folder again, or are deleted if their time is over."
          data={LENGTHS}
          value={keep}
          onChange={(event) => setKeep(event.currentTarget.value)}
        />
        <Textarea
          label="Reason"
          description="Optional. It stays in the audit log."
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <p className={styles['plan']} role="status">
          {isTime ? (
            plan.data === undefined ? (
              'Looking what that is …'
            ) : (
              <Plan plan={plan.data} />
            )
          ) : (
            'Give a day from which, and one to which.'
          )}
        </p>
        {plan.isError && <ErrorCallout error={plan.error} />}
        {deed.isError && <ErrorCallout error={deed.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={deed.isPending} disabled={!isTime || nothing}>
            Bring back
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

interface PlanProps {
  readonly plan: { readonly blocks: number; readonly bytes: number; readonly back: number; readonly unreadable: readonly unknown[] };
}

function Plan({ plan: { blocks, bytes, back, unreadable } }: PlanProps) {
  const parts = [
    blocks > 0 && `${plural(blocks, 'block')} of ${formatBytes(bytes)} would come back.`,
    back > 0 && `${plural(back, 'block is', 'blocks are')} back already and would stay longer.`,
    unreadable.length > 0 && `${plural(unreadable.length, 'cold block')} cannot be read.`,
  ].filter((part) => part !== false);
  return <>{parts.length === 0 ? 'There are no cold blocks of that time.' : parts.join(' ')}</>;
}

/** The day of a moment, as a field for days wants it. */
function dayOf(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
