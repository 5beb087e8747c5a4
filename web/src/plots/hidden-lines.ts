/** The hidden lines after this one was hidden or shown. */
export function toggled(hidden: ReadonlySet<string>, label: string): ReadonlySet<string> {
  return new Set(hidden.has(label) ? [...hidden].filter((other) => other !== label) : [...hidden, label]);
}

/** The hidden lines after this one was asked for alone; all are shown again when it already was alone. */
export function isolated(hidden: ReadonlySet<string>, label: string, labels: readonly string[]): ReadonlySet<string> {
  const others = labels.filter((other) => other !== label);
  const isAlone = !hidden.has(label) && others.every((other) => hidden.has(other));
  return new Set(isAlone ? [] : others);
}
