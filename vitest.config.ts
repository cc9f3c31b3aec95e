// Tests of all packages: `npx vitest run` at the root.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Packages are tested from their sources, without a build.
  resolve: { conditions: ['larder-source'] },
  // Vitest starts its workers with these as Node's own --conditions: with `import` among them `require` gets ES modules.
  ssr: { resolve: { conditions: ['larder-source', 'node'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'prisma/*.test.ts',
      'test/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    globalSetup: ['test/servers/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
