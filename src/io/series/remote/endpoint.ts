import type { SecretRef } from '../../../core/config/secret-ref.ts';
import type { HttpAccess } from '../../../core/scrape/scrape-job.ts';
import { type AccessDoors, openAccessClient } from '../../access-client.ts';
import type { HttpClient } from '../../http.ts';

/** What asks another series store: a client with the credentials, certificates and headers of the configuration. */
export type Endpoint = Pick<HttpClient, 'request' | 'close'>;

export function openEndpoint(access: HttpAccess, headers: ReadonlyMap<string, SecretRef>, doors: AccessDoors): Endpoint {
  const client = openAccessClient(access, doors);
  return {
    request: async (request) => {
      try {
        const own: [string, string][] = [];
        for (const [name, value] of headers) own.push([name, (await doors.resolve(value)).trim()]);
        return await client.request({ ...request, headers: { ...Object.fromEntries(own), ...request.headers } });
      } catch (error) {
        return { kind: 'failed', reason: error instanceof Error ? error.message : String(error), code: '' };
      }
    },
    close: () => client.close(),
  };
}
