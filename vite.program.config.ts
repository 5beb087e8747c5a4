// Builds the program itself (server, agent, command line) as plain JavaScript: it starts faster and takes less memory than the sources.
import { defineConfig } from 'vite';

export default defineConfig({
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
