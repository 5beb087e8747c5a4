import { localStorageColorSchemeManager } from '@mantine/core';

/** Keeps the choice where `public/scheme.js` reads it before the first paint. */
export const colorSchemes = localStorageColorSchemeManager({ key: 'tocsin-scheme' });
