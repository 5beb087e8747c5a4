import { NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { hostsQuery } from '../../data/hosts.ts';
import type { Parameter } from '../../data/types.ts';
import { hintOf } from './values.ts';

interface Props {
  readonly parameter: Parameter;
  readonly value: string | boolean;
  readonly problem: string | null;
  /** Where typing begins. */
  readonly first: boolean;
  readonly onChange: (value: string | boolean) => void;
  readonly onBlur: () => void;
}

/** The field for one parameter, made from its schema. */
export function ParameterField({ parameter, value, problem, first, onChange, onBlur }: Props) {
  const shared = {
    label: parameter.name,
    description: [parameter.description, hintOf(parameter)].filter((part) => part !== '').join(' · ') || undefined,
    required: parameter.required,
    error: problem,
    onBlur,
    ...(first && { 'data-autofocus': true }),
  };
  const text = String(value);
  switch (parameter.type) {
    case 'boolean':
      return <Switch {...shared} required={false} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'enum':
      return (
        <NativeSelect
          {...shared}
          value={text}
          data={options(parameter, parameter.values ?? [])}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'host':
      return <HostField {...shared} parameter={parameter} value={text} onChange={onChange} />;
    case 'secret':
      return <PasswordInput {...shared} value={text} autoComplete="off" onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'integer':
    case 'number':
      return (
        <TextInput
          {...shared}
          value={text}
          inputMode={parameter.type === 'integer' ? 'numeric' : 'decimal'}
          autoComplete="off"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'string':
      return (
        <TextInput
          {...shared}
          value={text}
          autoComplete="off"
          spellCheck={false}
          {...(parameter.maxLength !== null && { maxLength: parameter.maxLength })}
          styles={{ input: { fontFamily: 'var(--mono)' } }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

interface HostProps {
  readonly label: string;
  readonly description: string | undefined;
  readonly required: boolean;
  readonly error: string | null;
  readonly onBlur: () => void;
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function HostField({ parameter, value, onChange, ...shared }: HostProps) {
  const { data } = useQuery(hostsQuery);
  const hosts = (data?.items ?? []).map(({ name, connected }) => ({ value: name, label: connected ? name : `${name} (silent)` }));
  const known = hosts.some((host) => host.value === value) || value === '';
  return (
    <NativeSelect
      {...shared}
      value={value}
      data={[...(parameter.required && value !== '' ? [] : [{ value: '', label: 'Choose a host' }]), ...hosts, ...(known ? [] : [value])]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function options(parameter: Parameter, values: readonly string[]) {
  return parameter.required && parameter.default !== null
    ? [...values]
    : [{ value: '', label: 'Choose' }, ...values.map((value) => ({ value, label: value }))];
}
