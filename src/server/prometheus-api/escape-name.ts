/** A name with `_` for every character that must not stand in the name of a metric. */
export function escapeName(name: string): string {
  return [...name].map((character, at) => (/[a-zA-Z_:]/.test(character) || (at > 0 && /\d/.test(character)) ? character : '_')).join('');
}
