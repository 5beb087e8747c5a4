const MARK = 'tocsin-reloaded';
const GUARD_MS = 30_000;

/** Whether an error says that a part of the page's code could not be fetched. Every browser has words of its own for that. */
export function isCodeMissing(message: string): boolean {
  return /preload CSS|dynamically imported module|importing a module script|module script failed/i.test(message);
}

/** Fetches the page anew, but not again and again. */
export function reloadOnce(): void {
  try {
    if (Date.now() - Number(sessionStorage.getItem(MARK) ?? 0) < GUARD_MS) return;
    sessionStorage.setItem(MARK, String(Date.now()));
  } catch {
    return;
  }
  location.reload();
}
