// Builds the program itself (server, agent, command line) as plain JavaScript: it starts faster and takes less memory than the sources.
import { defineConfig, type Plugin } from 'vite';

/** One such character makes the runtime hold the text of the whole file in twice the memory. */
const escapeWide: Plugin = {
  name: 'escape-wide-characters',
  generateBundle: (_options, files) => {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      file.code = file.code.replaceAll(/[\u0100-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
    }
  },
};

export default defineConfig({
  plugins: [escapeWide],
  build: {
    ssr: true,
    outDir: 'dist',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        tocsin: 'src/main/tocsin.ts',
        worker: 'src/io/series/worker.ts',
        'query-worker': 'src/io/series/query-worker.ts',
        'intake-worker': 'src/io/intake/intake-worker.ts',
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        // The source text stays in memory: only what licences ask for.
        comments: { legal: true, annotation: false, jsdoc: false },
      },
    },
  },
  // Bundled, because only a part of each is used; the others stay packages.
  ssr: { noExternal: ['zod', 'kysely', 'yaml', 're2js'] },
});
