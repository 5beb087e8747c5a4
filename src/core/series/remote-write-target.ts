import type { Millis } from '../base/time.ts';
import type { SecretRef } from '../config/secret-ref.ts';
import type { Source } from '../rules/rule.ts';
import type { RelabelRule } from '../scrape/relabel-rule.ts';
import type { HttpAccess } from '../scrape/scrape-job.ts';

/** Another server to which everything that is stored is sent as well (`remote_write` of Prometheus' configuration). */
export interface RemoteWriteTarget {
  /** Unique; its queue on disk has this name. */
  readonly name: string;
  readonly url: string;
  readonly timeout: Millis;
  readonly access: HttpAccess;
  /** Sent with every request, such as `X-Scope-OrgID`; by lower-case name. */
  readonly headers: ReadonlyMap<string, SecretRef>;
  /** What is sent, and under which labels. */
  readonly relabel: readonly RelabelRule[];
  /** More waiting bytes than these drop the oldest. */
  readonly queueBytes: number;
  readonly source: Source;
}
