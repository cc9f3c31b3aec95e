// Gate `docs`: every ts block in README.md, CONTRIBUTING.md, packages/*/README.md and docs/ compiles. Left out: ```ts no-check.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './check-workspaces.mjs'

// Inside the repository, so that snippets resolve the same packages as a user's program would.
const workplace = join(root, '.larder', 'docs')
// Snippets import the client from './generated/prisma/client.ts', as a user does; it stands for the sample schema's.
const sampleClient = 'prisma/generated/postgres/client.ts'
// Ambient declarations of names that snippets use without introducing them.
const context = 'docs/snippet-context.d.ts'

const blocks = markdownFiles().flatMap((file) => blocksOf(file, readFileSync(join(root, file), 'utf8')))
rmSync(workplace, { recursive: true, force: true })
if (blocks.length > 0) compile()
console.log(`${blocks.length} ts blocks`)

function markdownFiles() {
  const docs = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true }) : []
  const candidates = ['README.md', 'CONTRIBUTING.md', ...packages().map(({ directory }) => `${directory}/README.md`)]
  return [...candidates, ...docs.map((file) => join('docs', file))].filter(
    (file) => file.endsWith('.md') && existsSync(join(root, file)),
  )
}

/** Each block with blank lines before it, so that the compiler's line numbers are those of the document. */
function blocksOf(file, text) {
  const blocks = []
  let open
  for (const [index, line] of text.split('\n').entries()) {
    const fence = line.match(/^\s*```(\S*)(.*)$/)
    if (!fence) open?.lines.push(line)
    else if (open) {
      if (open.checked) blocks.push({ file, line: open.from, code: '\n'.repeat(open.from) + open.lines.join('\n') })
      open = undefined
    } else {
      const checked = ['ts', 'typescript'].includes(fence[1]) && !fence[2].includes('no-check')
      open = { from: index + 1, checked, lines: [] }
    }
  }
  if (open) throw new Error(`${file}:${open.from}: this code block is never closed`)
  return blocks
}

function compile() {
  mkdirSync(join(workplace, 'generated', 'prisma'), { recursive: true })
  for (const block of blocks) writeFileSync(join(workplace, snippetName(block)), block.code)
  if (existsSync(join(root, sampleClient))) {
    writeFileSync(join(workplace, 'generated/prisma/client.ts'), `export * from '../../../../${sampleClient}'\n`)
  }
  const config = {
    extends: '../../tsconfig.json',
    // A block without imports is a module too: names of two blocks do not meet, and it may await.
    compilerOptions: { moduleDetection: 'force' },
    include: ['*.ts', ...(existsSync(join(root, context)) ? [`../../${context}`] : [])],
    exclude: [],
  }
  writeFileSync(join(workplace, 'tsconfig.json'), JSON.stringify(config))
  const tsc = spawnSync('tsc', ['-p', workplace, '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
  if (tsc.error) throw tsc.error
  if (tsc.status === 0) return
  const named = new Map(blocks.map((block) => [`.larder/docs/${snippetName(block)}`, block.file]))
  console.error(tsc.stdout.replace(/^(\S+)\((\d+),/gm, (_, path, line) => `${named.get(path) ?? path}(${line},`))
  process.exitCode = 1
}

function snippetName({ file, line }) {
  return `${file.replaceAll(/[^A-Za-z0-9]/g, '-')}-${line}.ts`
}
