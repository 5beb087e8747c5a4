import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { freshKey, previewQuery, requestRun } from '../../data/actions.ts';
import type { Action, ParameterValues, Preview } from '../../data/types.ts';
import { Argv } from '../../parts/argv.tsx';
import { Callout, ErrorCallout } from '../../parts/callout.tsx';
import { formatLength } from '../../parts/format.ts';
import { ParameterField } from './parameter-field.tsx';
import styles from './run-dialog.module.css';
import { firstDraft, problemOf, readDraft } from './values.ts';

interface Props {
  readonly action: Action;
  /** Values that are known already. */
  readonly initial?: ParameterValues;
  /** The alert it is run for. */
  readonly alert?: string;
  readonly onClose: () => void;
}

/** Asks for a run: fields from the schema, and at every moment the exact command that they give. Mount it to open it. */
export function RunDialog({ action, initial = {}, alert, onClose }: Props) {
  const [draft, setDraft] = useState(() => firstDraft(action.parameters, initial));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set(Object.keys(initial)));
  const [comment, setComment] = useState('');
  const [key] = useState(freshKey);
  const navigate = useNavigate();
  const values = useMemo(() => readDraft(action.parameters, draft), [action.parameters, draft]);
  const [settled] = useDebouncedValue(values, 200);
  const preview = useQuery({ ...previewQuery(action.name, settled), placeholderData: keepPreviousData, refetchInterval: 10_000 });
  const current = settled === values && !preview.isPlaceholderData;
  const problems = preview.data?.problems ?? [];
  const ask = useMutation({
    mutationFn: () => requestRun({ name: action.name, parameters: values, comment, key, ...(alert !== undefined && { alert }) }),
    onSuccess: ({ run }) => {
      onClose();
      void navigate({ to: '/runs/$id', params: { id: run } });
    },
  });
  const touch = (name: string): void => setTouched((before) => new Set([...before, name]));
  const change = (name: string, value: string | boolean): void => {
    setDraft((before) => ({ ...before, [name]: value }));
    touch(name);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTouched(new Set(action.parameters.map(({ name }) => name)));
    if (current && problems.length === 0) ask.mutate();
  };
  const blocked =
    preview.data !== undefined &&
    (preview.data.held !== null || (current && problems.length > 0 && touched.size === action.parameters.length));
  return (
    <Modal opened onClose={onClose} title={`Run ${action.name}`} size="lg">
      <form className={styles['form']} onSubmit={submit} noValidate>
        {action.description !== '' && <p style={{ margin: 0, color: 'var(--ink-2)' }}>{action.description}</p>}
        {action.parameters.map((parameter, index) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            first={index === 0}
            value={draft[parameter.name] ?? ''}
            problem={touched.has(parameter.name) && current ? problemOf(parameter.name, problems) : null}
            onChange={(value) => change(parameter.name, value)}
            onBlur={() => touch(parameter.name)}
          />
        ))}
        <PreviewBox preview={preview.data} error={preview.error} stale={!current} action={action} />
        <Textarea
          label="Comment"
          description="Why you run it. Optional, stays in the record."
          value={comment}
          maxLength={4000}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {ask.isError && <ErrorCallout error={ask.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" leftSection={<IconPlayerPlayFilled size={15} aria-hidden />} loading={ask.isPending} disabled={blocked}>
            Run
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

interface BoxProps {
  readonly preview: Preview | undefined;
  readonly error: Error | null;
  readonly stale: boolean;
  readonly action: Action;
}

function PreviewBox({ preview, error, stale, action }: BoxProps) {
  if (preview === undefined) return error === null ? null : <ErrorCallout error={error} />;
  const names = new Set(action.parameters.map(({ name }) => name));
  const other = preview.problems.filter(({ path }) => ![...names].some((name) => problemOf(name, [{ path, message: '' }]) !== null));
  return (
    <div className={styles['preview']} aria-live="polite">
      <div className={styles['previewHead']}>
        <span className={styles['previewTitle']}>Exact command</span>
        {preview.host !== '' && (
          <span>
            {preview.runAs !== null && `as ${preview.runAs} `}on {preview.host}
            {!preview.hostConnected && ', which is silent now'}
          </span>
        )}
      </div>
      <div className={stale ? styles['stale'] : ''}>
        {preview.argv.length > 0 ? (
          <Argv argv={preview.argv} />
        ) : (
          <span style={{ color: 'var(--ink-3)' }}>Appears when the fields are filled in.</span>
        )}
      </div>
      {other.map(({ path, message }) => (
        <Callout key={path + message} tone="error">
          {message}
        </Callout>
      ))}
      {preview.held !== null && (
        <Callout tone="warning" title="It cannot start now.">
          {preview.held}
        </Callout>
      )}
      {preview.needsApproval && (
        <Callout tone="notice" title="It will wait for approval">
          {approvalWords(action)}
        </Callout>
      )}
    </div>
  );
}

function approvalWords({ approval }: Action): string {
  if (approval === null) return 'by a person who may decide.';
  const by = approval.by.length === 0 ? 'somebody who may decide' : approval.by.join(' or ');
  const count = approval.count > 1 ? `${approval.count} persons, not by yourself alone: ` : '';
  return `by ${count}${by}, and expire after ${formatLength(approval.expiresMs)}.`;
}
