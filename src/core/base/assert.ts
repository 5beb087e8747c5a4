/** A state that cannot be. Bad input never ends here: it is a `Problem`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`impossible state: ${message}`);
}

/** For the default branch of a switch over a closed union: adding a member makes it a compile error. */
export function unreachable(value: never): never {
  throw new Error(`impossible state: ${JSON.stringify(value)}`);
}
