import { queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Action, ParameterValues, Preview } from './types.ts';

export const actionsQuery = queryOptions({
  queryKey: keys.actions,
  queryFn: ({ signal }) => answer(client.GET('/api/actions', { signal })),
});

export function actionQuery(name: string) {
  return queryOptions({
    queryKey: [...keys.actions, name],
    queryFn: ({ signal }): Promise<Action> => answer(client.GET('/api/actions/{name}', { params: { path: { name } }, signal })),
  });
}

export function previewQuery(name: string, parameters: ParameterValues) {
  return queryOptions({
    queryKey: ['preview', name, parameters],
    queryFn: ({ signal }): Promise<Preview> =>
      answer(client.POST('/api/actions/{name}/preview', { params: { path: { name } }, body: { parameters }, signal })),
    staleTime: 5000,
    gcTime: 10_000,
  });
}

export interface RunRequest {
  readonly name: string;
  readonly parameters: ParameterValues;
  readonly comment: string;
  readonly alert?: string;
  /** The same key gives the same run, however often the request is sent. */
  readonly key: string;
}

export function requestRun({ name, parameters, comment, alert, key }: RunRequest) {
  return answer(
    client.POST('/api/actions/{name}/runs', {
      params: { path: { name } },
      headers: { 'Idempotency-Key': key },
      body: { parameters, comment, ...(alert !== undefined && { alert }) },
    }),
  );
}

/** A key nobody else has; `crypto.randomUUID` is missing on pages served without TLS. */
export function freshKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
