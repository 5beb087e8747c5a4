/** Who did something, as the record writes it (`user:alice`, `trigger:full-disk`), in words. */
export function describeActor(who: string): { readonly name: string; readonly kind: string } {
  const colon = who.indexOf(':');
  if (colon < 0) return { name: who, kind: 'person' };
  const kind = who.slice(0, colon);
  const name = who.slice(colon + 1);
  switch (kind) {
    case 'user':
      return { name, kind: 'person' };
    case 'system':
      return { name: 'Tocsin', kind: 'system' };
    case 'anonymous':
      return { name: 'not signed in', kind: 'person' };
    case 'trigger':
    case 'agent':
    case 'token':
    case 'team':
    case 'role':
      return { name, kind };
    default:
      return { name: who, kind: 'system' };
  }
}
