/** A state that cannot be. Bad input never ends here: it is a `Problem`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`impossible state: ${message}`);
}
