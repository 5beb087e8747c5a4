import { keys } from './keys.ts';

export type Key = readonly string[];

/** Everything that stands for something durable; samples are not among them. */
const ALL: readonly Key[] = [
  keys.overview,
  keys.status,
  keys.due,
  keys.demo,
  ['alerts'],
  ['runs'],
  keys.actions,
  keys.recommendations,
  keys.hosts,
  keys.users,
  keys.tokens,
  keys.audit,
];

const RECORD: readonly Key[] = [keys.audit, keys.due];

/**
 * Which answers are old after a change: `about` as the live stream carries it (`alert/ID`, `run/ID`, `samples`...). A word that is not
 * known makes everything old, so that a newer server never leaves an older page with stale facts.
 */
export function staleKeys(about: readonly string[]): Key[] {
  const stale = new Map<string, Key>();
  for (const subject of about) {
    for (const key of keysOf(subject)) stale.set(key.join('\n'), key);
  }
  return [...stale.values()].filter((key) => !hasShorter(stale, key));
}

function keysOf(subject: string): readonly Key[] {
  const slash = subject.indexOf('/');
  const kind = slash < 0 ? subject : subject.slice(0, slash);
  const id = slash < 0 ? '' : subject.slice(slash + 1);
  switch (kind) {
    case 'samples':
      return [keys.liveSeries];
    case 'alert':
      return [keys.alerts, keys.alert(id), keys.overview, keys.hosts, keys.demo, keys.recommendations, ...RECORD];
    case 'run':
      return [keys.runs, keys.run(id), ['alerts', 'one'], keys.overview, keys.actions, keys.demo, ...RECORD];
    case 'message':
    case 'group':
      return [['alerts', 'one'], ...RECORD];
    case 'advice':
    case 'recommendation':
      return [keys.recommendations, ['alerts', 'one'], keys.overview, ...RECORD];
    case 'host':
    case 'agent':
      return [keys.hosts, keys.overview, keys.status, ...RECORD];
    case 'user':
    case 'setup':
    case 'session':
      return [keys.users, ...RECORD];
    case 'token':
      return [keys.tokens, ...RECORD];
    case 'status':
    case 'channel':
      return [keys.status, ...RECORD];
    default:
      return ALL;
  }
}

function hasShorter(stale: ReadonlyMap<string, Key>, key: Key): boolean {
  for (let length = 1; length < key.length; length++) {
    if (stale.has(key.slice(0, length).join('\n'))) return true;
  }
  return false;
}
