/** The path under which the server answers, without a slash at the end: empty, or the prefix it was started with. */
export const base = import.meta.env.DEV ? '' : new URL(import.meta.url).pathname.replace(/\/assets\/[^/]*$/, '');
