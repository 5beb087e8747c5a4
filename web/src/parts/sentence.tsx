import { formatMoment, formatWhen } from './format.ts';
import { serverNow } from '../data/server-time.ts';

const INSTANT = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/;

/** A sentence of the server with its moments in the reader's zone. */
export function Sentence({ text }: { readonly text: string }) {
  return text.split(INSTANT).map((part, index) => {
    const at = index % 2 === 1 ? Date.parse(part) : Number.NaN;
    if (Number.isNaN(at)) return part;
    return (
      <time key={index} dateTime={part} title={formatWhen(at)}>
        {formatMoment(at, serverNow())}
      </time>
    );
  });
}
