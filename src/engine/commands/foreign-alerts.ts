import { whyDenied } from '../../core/access/allow.ts';
import type { Principal } from '../../core/access/actor.ts';
import { parseForeignAlerts, type ForeignFormat } from '../../core/alerts/parse-foreign.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { World } from '../../world.ts';
import { ingestAlerts } from '../ingest.ts';

/** Takes the alerts of another system: the good ones are durable when this returns, and every bad one is named. */
export async function takeForeignAlerts(
  world: Pick<World, 'store' | 'clock'>,
  settings: Settings,
  given: { readonly format: ForeignFormat; readonly body: unknown; readonly principal: Principal },
): Promise<Result<null>> {
  const denied = whyDenied(given.principal, 'ingest alerts');
  if (denied !== null) return refuse('forbidden', denied);
  const { alerts, problems } = parseForeignAlerts(given.format, given.body);
  await ingestAlerts(world, settings, alerts);
  if (problems.length === 0) return { ok: null };
  return refuse('bad_request', `${problems.length} of the alerts could not be taken; ${alerts.length} were.`, problems);
}
