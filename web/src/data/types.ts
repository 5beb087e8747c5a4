import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type Alert = Schemas['Alert'];
export type AlertDetail = Schemas['AlertDetail'];
export type AlertState = Alert['state'];
export type Severity = Alert['severity'];
export type Message = Schemas['Message'];
export type Run = Schemas['Run'];
export type RunState = Run['state'];
export type Verification = NonNullable<Run['verification']>;
export type Action = Schemas['Action'];
export type Parameter = Schemas['Parameter'];
export type Preview = Schemas['Preview'];
export type Recommendation = Schemas['Recommendation'];
export type Host = Schemas['Host'];
export type AuditEntry = Schemas['AuditEntry'];
export type User = Schemas['User'];
export type Token = Schemas['Token'];
export type Me = Schemas['Me'];
export type Overview = Schemas['Overview'];
export type Status = Schemas['Status'];
export type PartStatus = Schemas['PartStatus'];
export type Due = Schemas['Due'];
export type Demo = Schemas['Demo'];
export type Role = User['role'];
export type TokenRole = Token['role'];
export type ParameterValues = Record<string, string | number | boolean>;
