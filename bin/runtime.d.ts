/** Runs the program in this process, or with the right runtime in another one that gets our signals. */
export function runProgram(args: readonly string[]): Promise<void>;

/** Builds the page and the program where they are missing or older than their sources. */
export function buildWhatIsOld(): void;
