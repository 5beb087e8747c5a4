let ahead = 0;

/** Learns from an answer's Date header how far the server's clock is ahead; less than three seconds is the header's own coarseness. */
export function rememberServerTime(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return;
  const difference = at + 500 - Date.now();
  ahead = Math.abs(difference) < 3000 ? 0 : difference;
}

/** Now by the server's clock: what countdowns and ages are counted from. */
export function serverNow(): number {
  return Date.now() + ahead;
}
