/** Small things a browser keeps for its reader. Storage may be forbidden or full: then they are forgotten, nothing else. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`tocsin-${name}`, JSON.stringify(value));
  } catch {
    // Forgotten on the next visit.
  }
}

export function remembered(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`tocsin-${name}`) ?? 'null');
  } catch {
    return null;
  }
}
