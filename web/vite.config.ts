import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const limitBytes = 300 * 1024;

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
  const total = (key: 'raw' | 'br', of = rows): number => of.reduce((sum, row) => sum + row[key], 0);
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const first = rows.filter((row) => row.name === 'index.html' || html.includes(row.name));
  const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(`page: ${kib(total('br'))} compressed (brotli), ${kib(total('raw'))} raw, ${rows.length} files`);
  console.log(`first load: ${kib(total('br', first))} compressed, ${first.length} files`);
  if (total('br') > limitBytes) throw new Error(`the page may be at most ${kib(limitBytes)} compressed`);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
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
