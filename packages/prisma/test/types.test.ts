import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { fixtureSchema, generateClient, generatedFolder } from './generate-client.ts'
import { manyModelsProgram, manyModelsSchema } from './many-models.ts'

const typeTests = fileURLToPath(new URL('../test-d/', import.meta.url))
const compilers = [
  ['TypeScript 7', 'typescript'],
  ['TypeScript 5.9', 'typescript-5'],
] as const

interface Compilation {
  readonly errors: readonly string[]
  readonly instantiations: number
}

async function compile(compiler: string, project: string): Promise<Compilation> {
  const folder = dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`))
  const args = [join(folder, 'bin/tsc'), '-p', project, '--pretty', 'false', '--extendedDiagnostics']
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
  const instantiations = /^Instantiations:\s+(\d+)/m.exec(output)?.[1]
  if (instantiations === undefined) throw new Error(output)
  return {
    errors: output.split('\n').filter((line) => /error TS\d/.test(line)),
    instantiations: Number(instantiations),
  }
}

describe('types of withCache and cacheExtension', () => {
  beforeAll(async () => {
    const schema = await fixtureSchema('forum')
    const views = 'previewFeatures = ["views"]'
    await generateClient(
      'types-prisma-client',
      `  provider = "prisma-client"\n  importFileExtension = "ts"\n  ${views}`,
      schema,
    )
    const copied = await generateClient('types-prisma-client-js', `  provider = "prisma-client-js"\n  ${views}`, schema)
    // Without `output` this generator writes into node_modules and shares the runtime's types instead of copying them.
    const shared = new URL('types-prisma-client-js-shared/client/', generatedFolder)
    await cp(new URL('client/', copied), shared, { recursive: true })
    const declarations = await readFile(new URL('index.d.ts', shared), 'utf8')
    const sharing = declarations.replaceAll("'./runtime/client.js'", "'@prisma/client/runtime/client'")
    expect(sharing).not.toBe(declarations)
    await writeFile(new URL('index.d.ts', shared), sharing)
  })

  describe.each(compilers)('%s', (_, compiler) => {
    it.each(['prisma-client', 'prisma-client-js', 'prisma-client-js-shared'])(
      'pass their type tests with %s',
      async (flavour) => {
        const { errors } = await compile(compiler, join(typeTests, `tsconfig.${flavour}.json`))
        expect(errors).toEqual([])
      },
    )
  })

  it('test that every write rejects cacheStrategy', async () => {
    const text = await readFile(join(typeTests, 'with-cache.test-d.ts'), 'utf8')
    const rejected = [...text.matchAll(/@ts-expect-error write\n\s+await cached\.member\.(\w+)\(/g)].map(
      ([, name]) => name,
    )
    expect(new Set(rejected)).toEqual(
      new Set([
        ...['create', 'createMany', 'createManyAndReturn', 'update', 'updateMany', 'updateManyAndReturn'],
        ...['upsert', 'delete', 'deleteMany'],
      ]),
    )
  })
})

describe('cost of withCache on a schema of 200 models', () => {
  const programs = new URL('many-models/', generatedFolder)

  beforeAll(async () => {
    const settings = '  provider = "prisma-client"\n  importFileExtension = "ts"'
    await generateClient('many-models', settings, manyModelsSchema(200))
    const models = Array.from({ length: 20 }, (_, i) => i * 10)
    const declared = `import { PrismaClient } from '../client/client.ts'\ndeclare const base: PrismaClient\n`
    const imported = `import { withCache } from '../../../src/types/with-cache.ts'\n`
    await writeProgram('plain', `${declared}const prisma = base\n${manyModelsProgram(models)}`)
    await writeProgram('cached', `${imported}${declared}const prisma = withCache(base)\n${manyModelsProgram(models)}`)
  }, 60_000)

  async function writeProgram(name: string, text: string): Promise<void> {
    const folder = new URL(`${name}/`, programs)
    await mkdir(folder, { recursive: true })
    await writeFile(new URL('program.ts', folder), text)
    // A user has declarations that are not checked; checking the sources of core would be counted here. So only the type that is used.
    const paths = { '@larder/core': ['../../../../core/src/cache/policy.ts'] }
    const compilerOptions = { noEmit: true, rewriteRelativeImportExtensions: false, paths }
    const config = { extends: '../../../../../tsconfig.base.json', compilerOptions, files: ['program.ts'] }
    await writeFile(new URL('tsconfig.json', folder), JSON.stringify(config))
  }

  it.each(compilers)('is at most 20 % more type instantiations than a plain client (%s)', async (name, compiler) => {
    const plain = await compile(compiler, fileURLToPath(new URL('plain', programs)))
    const cached = await compile(compiler, fileURLToPath(new URL('cached', programs)))
    expect([...plain.errors, ...cached.errors]).toEqual([])
    const ratio = cached.instantiations / plain.instantiations
    console.log(`${name}: plain ${plain.instantiations}, withCache ${cached.instantiations}, ratio ${ratio.toFixed(3)}`)
    expect(ratio).toBeLessThanOrEqual(1.2)
  })
})
