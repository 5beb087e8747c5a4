import type { audit } from '../../contract/api/audit.ts';
import type { World } from '../../world.ts';
import type { Verbs } from '../parts.ts';
import { viewAudit } from './views.ts';

export function auditVerbs({ world }: { readonly world: Pick<World, 'store'> }): Verbs<typeof audit> {
  return {
    list: async ({ query }) => {
      const page = await world.store.findAudit(query);
      return { ok: { items: page.items.map(viewAudit), next: page.next } };
    },
  };
}
