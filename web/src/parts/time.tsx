import { useNow } from './clock.ts';
import { formatAgo, formatCountdown, formatLength, formatMoment, formatWhen } from './format.ts';

/** How long ago something was; the exact moment is in its title. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow(5000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatWhen(at)}>
      {formatAgo(at, now)}
    </time>
  );
}

/** The moment itself, without the date when it is today. */
export function Moment({ at }: { readonly at: number }) {
  const now = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatWhen(at)}>
      {formatMoment(at, now)}
    </time>
  );
}

/** What is left until a moment. */
export function Countdown({ at }: { readonly at: number }) {
  const now = useNow(1000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatWhen(at)} role="timer">
      {formatCountdown(at, now)}
    </time>
  );
}

/** How long something has lasted so far, or lasted until `to`. */
export function Lasted({ from, to }: { readonly from: number; readonly to: number | null }) {
  const now = useNow(1000);
  const length = Math.max(0, (to ?? now) - from);
  return <span title={formatWhen(from)}>{formatLength(to === null ? Math.floor(length / 1000) * 1000 : length)}</span>;
}
