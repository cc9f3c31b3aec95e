// A process that owns one private server and its folder, and ends both when the process that started it is gone.
// Plain JavaScript, because it runs without a loader. Its order is the first line of its standard input. It is in a
// session of its own, so Ctrl-C does not reach it; the end of that input does, however the other side ended, kill -9
// included.

import { spawn } from 'node:child_process'
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** How long a server may take to stop before it is killed. */
const patience = 5_000

let child
let ending = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
const input = createInterface({ input: process.stdin }).on('close', end)
process.stdin.on('error', end)
// The reader of the server's output may be gone already.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

/** @type {import('./private-server.ts').GuardOrder} */
const order = JSON.parse(await new Promise((resolve) => input.once('line', resolve)))
try {
  prepareFolder()
  for (const command of order.setUp) await run(command)
  await run(order.serve)
} finally {
  rmSync(order.folder, { recursive: true, force: true, maxRetries: 5 })
}
process.exit(0)

function prepareFolder() {
  mkdirSync(order.folder, { mode: 0o700 })
  for (const [name, content] of Object.entries(order.files)) {
    writeFileSync(join(order.folder, name), content, { mode: 0o600 })
    if (order.user) chownSync(join(order.folder, name), order.user.uid, order.user.gid)
  }
  if (order.user) chownSync(order.folder, order.user.uid, order.user.gid)
}

function run([program, ...args]) {
  if (ending) return
  return new Promise((resolve) => {
    child = spawn(program, args, {
      cwd: order.folder,
      // MariaDB's temporary tables of two servers would get in each other's way in a common folder.
      env: { ...process.env, LC_ALL: 'C', HOME: order.folder, TMPDIR: order.folder },
      stdio: ['ignore', 'inherit', 'inherit'],
      ...order.user,
    })
    const finish = (reason) => {
      child = undefined
      // A step that failed makes the following ones pointless; the folder is still to be removed.
      if (reason !== undefined && !ending) {
        process.stderr.write(`${program} ended with ${reason}\n`)
        ending = true
      }
      resolve()
    }
    child.once('error', (error) => finish(error.message))
    child.once('exit', (code, signal) => finish(code === 0 ? undefined : (signal ?? `code ${code}`)))
  })
}

function end() {
  if (ending) return
  ending = true
  const stopping = child
  if (stopping === undefined) return
  stopping.kill(order.stopSignal)
  setTimeout(() => stopping.kill('SIGKILL'), patience).unref()
}
