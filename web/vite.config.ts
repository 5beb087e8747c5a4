import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { measurePage, whyTooLarge } from './page-size.ts';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');

/** Few files that compress well: what every page needs, what few pages need apart, and the pages themselves by their kind. */
const chunks = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 50 },
  {
    name: 'router',
    test: /node_modules\/@tanstack\/(react-router|router-core|history|react-store|store|query-core|react-query)\//,
    priority: 40,
  },
  {
    name: 'mantine',
    test: /node_modules\/(@mantine\/(core|hooks|notifications|store)|clsx|react-remove-scroll|react-transition-group)\//,
    priority: 30,
  },
  { name: 'parts', test: /web\/src\/(app|data|theme|parts\/(?!markdown))|node_modules\/(@tabler|openapi-fetch)\//, priority: 20 },
  { name: 'plots', test: /node_modules\/uplot\/|web\/src\/plots\/(chart|legend|stack)/, priority: 10 },
  {
    name: 'promql',
    test: /node_modules\/(@codemirror|@lezer|@prometheus-io|@marijn|crelt|style-mod|w3c-keyname|lru-cache)\//,
    priority: 10,
  },
  { name: 'markdown', test: /node_modules\/(marked|dompurify)\/|web\/src\/parts\/markdown/, priority: 10 },
  { name: 'settings', test: /node_modules\/@mantine\/form\/|pages\/(settings|session)\//, priority: 5 },
];

/** Writes `.br` and `.gz` beside every text file, says how large the page is, and fails when it has grown past its limit. */
function compressed(): Plugin {
  return {
    name: 'tocsin-compressed',
    apply: 'build',
    closeBundle() {
      const rows: { name: string; raw: number; br: number }[] = [];
      for (const path of filesUnder(dist)) {
        if (!/\.(js|css|html|svg|json|txt|webmanifest)$/.test(path)) continue;
        const raw = readFileSync(path);
        const br = brotliCompressSync(raw, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
        });
        writeFileSync(`${path}.br`, br);
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
        rows.push({ name: relative(dist, path), raw: raw.length, br: br.length });
      }
      report(rows);
    },
  };
}

function report(rows: readonly { readonly name: string; readonly raw: number; readonly br: number }[]): void {
  const total = (key: 'raw' | 'br'): number => rows.reduce((sum, row) => sum + row[key], 0);
  const size = measurePage(dist);
  const { first, largest, editor } = size;
  console.log(`page: ${kb(total('br'))} compressed (brotli) in all, ${kb(total('raw'))} raw, ${rows.length} files`);
  console.log(`first load: ${kb(first)} compressed; at most ${kb(largest.bytes)} (${largest.page}); editor of Explore: ${kb(editor)}`);
  const problem = whyTooLarge(size);
  if (problem !== null) throw new Error(problem);
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

export default defineConfig({
  root,
  plugins: [react(), compressed()],
  build: {
    outDir: dist,
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  // Chunks find each other by relative address, so that the page also works below a path prefix.
  experimental: { renderBuiltUrl: (_name, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  server: { proxy: { '/api': 'http://127.0.0.1:4780' } },
});
