/** The whole layering of the product, as a table: folder -> what it may import. See ARCHITECTURE.md, "Who may import whom". */
const layers = {
  'src/core': ['src/core'],
  'src/contract': ['src/core', 'src/contract'],
  'src/world\\.ts': ['src/core', 'src/world\\.ts'],
  'src/engine': ['src/core', 'src/world\\.ts', 'src/engine'],
  'src/io': ['src/core', 'src/contract', 'src/world\\.ts', 'src/io'],
  'src/server': ['src/core', 'src/contract', 'src/world\\.ts', 'src/engine', 'src/server'],
  'src/agent': ['src/core', 'src/contract', 'src/io/(clock|random|http|exec|files|log)\\.ts', 'src/io/spool', 'src/agent'],
  'src/cli': ['src/core', 'src/contract', 'src/io/(http|files)\\.ts', 'src/sim', 'src/cli'],
  'src/sim': ['src/core', 'src/world\\.ts', 'src/engine', 'src/io/db', 'src/sim'],
  'web/src': ['src/core', 'src/contract', 'web/src'],
};
/** The npm packages a layer may name. A package that is in no list has one door, given below. */
const packages = {
  'src/core': ['zod', 'yaml', 're2js'],
  'src/contract': ['zod'],
  'src/engine': [],
  'src/server': ['fastify'],
  'src/cli': [],
  'src/sim': [],
};
/** Package or builtin -> the only file or folder that may import it. */
const doors = {
  kysely: '^src/io/db/',
  'node:sqlite': '^src/io/db/',
  'node:child_process': '^src/io/exec\\.ts$',
  'node:worker_threads': '^src/io/((series|logs|intake)/|movable\\.ts$)',
  nodemailer: '^src/io/mail\\.ts$',
  systeminformation: '^src/agent/collect/',
  fastify: '^src/(server|main)/',
};
const esc = (s) => `^${s}`;
const product = { pathNot: '\\.test\\.ts$' };
const npmPath = (name) => `node_modules/${name}/`;
module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([from, to]) => ({
      name: `layer:${from.replace(/\\/g, '')}`,
      comment: `${from} may import only: ${to.join(', ')}. See ARCHITECTURE.md, "Who may import whom".`,
      severity: 'error',
      from: { path: esc(from), ...product },
      to: { path: '^(src|web|test|bench)/', pathNot: to.map(esc) },
    })),
    ...Object.entries(packages).map(([from, allowed]) => ({
      name: `npm:${from}`,
      comment: `${from} may import only these packages: ${allowed.join(', ') || 'none'}.`,
      severity: 'error',
      from: { path: esc(from), ...product },
      to: { path: 'node_modules/', ...(allowed.length > 0 && { pathNot: allowed.map(npmPath) }) },
    })),
    ...Object.entries(doors).map(([name, door]) => ({
      name: `door:${name}`,
      comment: `${name} is imported in one place only: ${door}`,
      severity: 'error',
      from: { path: '^src/', pathNot: [door, '\\.test\\.ts$'] },
      to: name.startsWith('node:') ? { path: `^(node:)?${name.slice(5)}$` } : { path: npmPath(name) },
    })),
    {
      name: 'pure-layers',
      comment: 'No Node builtins in core, contract, engine and world.ts.',
      severity: 'error',
      from: { path: '^src/(core/|contract/|engine/|world\\.ts)', ...product },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'agent-stays-small',
      comment: 'The host agent must never reach the database, the engine or the server.',
      severity: 'error',
      from: { path: '^src/agent/', ...product },
      to: { path: '^src/(server|engine|io/db)/', reachable: true },
    },
    {
      name: 'siblings-in-io',
      comment: 'A channel never imports another one; the list of them (send.ts) names each.',
      severity: 'error',
      from: { path: '^src/io/(channels)/([^/]+)\\.ts$', pathNot: ['/send\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^src/io/$1/', pathNot: ['^src/io/$1/$2\\.ts$'] },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^(src|web/src)/', ...product },
      to: { path: '(^test/|^bench/|\\.test\\.ts$)' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$|\\.test\\.ts$' }, to: {} },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js'],
    },
  },
};
