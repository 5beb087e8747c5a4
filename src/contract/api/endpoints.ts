import type { Endpoint } from '../endpoint.ts';
import { session, tokens, users } from './account.ts';
import { actions } from './actions.ts';
import { alerts } from './alerts.ts';
import { audit } from './audit.ts';
import { hosts } from './hosts.ts';
import { keeping } from './keeping.ts';
import { recommendations } from './recommendations.ts';
import { runs } from './runs.ts';
import { series } from './series.ts';
import { system } from './system.ts';

/** Every endpoint of our own JSON API: the OpenAPI document is this list. */
export const endpoints: readonly Endpoint[] = [
  session,
  users,
  tokens,
  alerts,
  actions,
  runs,
  recommendations,
  hosts,
  series,
  keeping,
  system,
  audit,
].flatMap((group) => Object.values(group));
