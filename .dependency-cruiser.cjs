// The direction of imports: a folder may import what stands to its left in `order`, never what stands to its right.
const order = ['kernel', 'platform', 'audit', 'identity', 'rules', 'workflows'];
const contexts = ['crm', 'deals', 'ordering', 'field-service'];
const right = (name) => [...order.slice(order.indexOf(name) + 1), ...contexts, 'insights'];

const directions = order.map((name) => ({
  name: `${name}-imports-only-to-its-left`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: `^src/(${right(name).join('|')})/` },
}));

const separateContexts = contexts.map((name) => ({
  name: `${name}-imports-no-other-context`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: `^src/(${[...contexts.filter((other) => other !== name), 'insights'].join('|')})/` },
}));

const throughContracts = ['audit', 'identity', 'rules', 'workflows', ...contexts, 'insights'].map((name) => ({
  name: `${name}-is-imported-through-its-contract`,
  severity: 'error',
  from: { path: '^src/', pathNot: [`^src/${name}/`, '^src/(app\\.module|cli|main)\\.ts$', '^src/cli/'] },
  to: {
    path: `^src/${name}/`,
    pathNot: [`^src/${name}/${name}\\.contract\\.ts$`, `^src/${name}/${name}\\.module\\.ts$`],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'kernel-is-pure',
      severity: 'error',
      from: { path: '^src/kernel/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/', pathNot: 'node_modules/uuid/' },
    },
    {
      name: 'engines-are-pure',
      severity: 'error',
      from: { path: '^src/(rules|workflows)/engine/', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/(@nestjs|@mikro-orm|pg|bullmq|fastify)/' },
    },
    {
      name: 'aggregates-know-no-framework',
      severity: 'error',
      from: { path: '^src/(identity|rules|workflows|crm)/[^/]+/[a-z-]+\\.(events|errors)\\.ts$' },
      to: { path: 'node_modules/(@nestjs|@mikro-orm|pg|bullmq|fastify)/' },
    },
    ...directions,
    ...separateContexts,
    ...throughContracts,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
