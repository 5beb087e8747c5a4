import { MINUTE } from '../../../core/base/time.ts';
import { isObject } from './read-result.ts';
import type { Upstream } from './upstream.ts';

/** What another server tells of itself; null: it does not answer that. */
type Told = Readonly<Record<string, unknown>> | null;

const BELIEVED = 5 * MINUTE;
const TIMEOUT = 5_000;

/** What another server is, as far as it says it; asked for now and then. */
export class ServerKind {
  private readonly upstream: Upstream;
  private readonly known = new Map<string, { readonly told: Told; readonly until: number }>();

  constructor(upstream: Upstream) {
    this.upstream = upstream;
  }

  /** Why the server keeps no native histograms; null: it does, or that is not known. */
  async whyNoHistograms(): Promise<string | null> {
    const told = await this.tells('buildinfo');
    if (told === null) return null;
    const { version } = told;
    if (typeof version !== 'string') return 'it is no Prometheus (it tells no version of its own)';
    // Other products count otherwise.
    if (told['application'] !== undefined || isAtLeast(version, 2, 40)) return null;
    return `its version is ${version}, and Prometheus keeps them from 2.40 on`;
  }

  /** Does remote read give all that is stored, without labels that the server adds there? */
  async isReadAsStored(): Promise<boolean> {
    const { version, application } = (await this.tells('buildinfo')) ?? {};
    if (application !== undefined || typeof version !== 'string' || !isAtLeast(version, 2, 44)) return false;
    const { yaml } = (await this.tells('config')) ?? {};
    return typeof yaml === 'string' && !/^\s+external_labels:/m.test(yaml);
  }

  private async tells(what: 'buildinfo' | 'config'): Promise<Told> {
    const known = this.known.get(what);
    if (known !== undefined && known.until > performance.now()) return known.told;
    const said = await this.upstream.ask(`status/${what}`, new URLSearchParams(), { method: 'GET', timeout: TIMEOUT });
    const told = said.result === 'data' && isObject(said.data) ? said.data : null;
    this.known.set(what, { told, until: performance.now() + BELIEVED });
    return told;
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.replace(/^v/, '').split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
