import type { Alert } from '../alerts/alert.ts';

/** A message lists so many alerts and counts the rest: what a chat or a mail can still hold. */
const MAX_ALERTS = 200;
/** And above so many characters of labels and annotations, but the first is always there: no receiver refuses the whole for its size. */
const MAX_CHARACTERS = 500_000;

/** How many of these alerts, from the first on, one message holds; at least one. */
export function countThatFit(alerts: readonly Alert[]): number {
  let characters = 0;
  let count = 0;
  for (const alert of alerts.slice(0, MAX_ALERTS)) {
    for (const texts of [alert.labels, alert.annotations]) {
      for (const [name, value] of Object.entries(texts)) characters += name.length + value.length;
    }
    if (count > 0 && characters > MAX_CHARACTERS) break;
    count += 1;
  }
  return count;
}
