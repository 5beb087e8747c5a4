import { useEffect, useRef, useState } from 'react';
import { type FollowState, followOutput } from '../../data/follow-output.ts';
import { liveOutputUrl } from '../../data/runs.ts';
import { OutputLog } from './output-log.ts';

const DRAW_EVERY_MS = 60;

export interface Output {
  readonly log: OutputLog;
  /** Changes whenever the log does. */
  readonly version: number;
  readonly state: FollowState;
}

/** The output of a run as it comes. */
export function useOutput(run: string, over: boolean): Output {
  const [log, setLog] = useState(() => new OutputLog());
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<FollowState>({ kind: 'connecting' });
  const isOver = useRef(over);
  useEffect(() => {
    isOver.current = over;
  });
  useEffect(() => {
    const fresh = new OutputLog();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = undefined;
      setVersion((before) => before + 1);
    };
    setLog(fresh);
    setState({ kind: 'connecting' });
    const stop = followOutput({
      url: liveOutputUrl(run),
      offset: () => fresh.bytes,
      isOver: () => isOver.current,
      onState: setState,
      onChunk: ({ stream, offset, bytes }) => {
        if (fresh.append(stream, offset, bytes)) timer ??= setTimeout(draw, DRAW_EVERY_MS);
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [run]);
  return { log, version, state };
}
