import { Callout } from '../../parts/callout.tsx';
import { plural } from '../../parts/format.ts';
import type { Got } from './use-answers.ts';

const MOST = 4;

/** What the server remarks on an answer: warnings first, then what might be meant differently. */
export function Remarks({ got: { warnings, infos } }: { readonly got: Got }) {
  return (
    <>
      <Told tone="warning" title="Warning" texts={warnings} />
      <Told tone="notice" title="Note" texts={infos} />
    </>
  );
}

function Told({ tone, title, texts }: { readonly tone: 'warning' | 'notice'; readonly title: string; readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  const left = texts.length - MOST;
  return (
    <Callout tone={tone} title={texts.length === 1 ? `${title}:` : plural(texts.length, title.toLowerCase())}>
      {texts.length === 1 ? (
        texts[0]
      ) : (
        <ul>
          {texts.slice(0, MOST).map((text) => (
            <li key={text}>{text}</li>
          ))}
          {left > 0 && <li>and {left} more</li>}
        </ul>
      )}
    </Callout>
  );
}
