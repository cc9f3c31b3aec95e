import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['larder-source'] },
  ssr: { resolve: { conditions: ['larder-source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
