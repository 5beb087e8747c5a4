interface Waiting<Q, A> {
  readonly question: Q;
  readonly done: (answer: A) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes one call of many: what is asked before the code that runs now has come to its end is answered together, `most` at once. Each
 * asker gets its own answer; when the call fails, all of it do.
 */
export function gather<Q, A>(most: number, answerAll: (questions: readonly Q[]) => Promise<readonly A[]>): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];
  const answer = async (asked: readonly Waiting<Q, A>[]): Promise<void> => {
    try {
      const answers = await answerAll(asked.map(({ question }) => question));
      if (answers.length < asked.length) throw new Error('not everything was answered');
      for (const [index, given] of answers.entries()) asked[index]?.done(given);
    } catch (error) {
      for (const { failed } of asked) failed(error);
    }
  };
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += most) void answer(all.slice(at, at + most));
  };
  return (question) =>
    new Promise((done, failed) => {
      waiting.push({ question, done, failed });
      if (waiting.length === 1) queueMicrotask(flush);
    });
}
