/** How long to wait before the next attempt: 1 s, 2 s, 4 s, 8 s, then 15 s; `fraction` in [0, 1) spreads the browsers of a whole office. */
export function backoffMs(attempt: number, fraction: number): number {
  const full = Math.min(15_000, 1000 * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.75 + 0.5 * fraction));
}
