// A server that needs no installation, for the tests of private servers. Run as a program, it starts one and stays, or
// with the argument `leave` ends without stopping it.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type PrivatePlace, type PrivateServerPlan, startPrivateServer } from './private-server.ts'

/** Answers with its process id and the content of a file. */
const source = `
  const [port, file] = process.argv.slice(1)
  require('node:http')
    .createServer((_, response) => response.end(process.pid + ' ' + require('node:fs').readFileSync(file)))
    .listen(Number(port), '127.0.0.1')
`

export function fakePlan({ folder, port, password }: PrivatePlace): PrivateServerPlan {
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    files: { secret: password },
    setUp: [[process.execPath, '-e', `require('node:fs').mkdirSync('data')`]],
    serve: [process.execPath, '-e', source, String(port), join(folder, 'secret')],
    stopSignal: 'SIGTERM',
    probe: async () => void (await fetch(url)),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = await startPrivateServer(fakePlan, ['root'])
  const [pid] = (await (await fetch(server.url)).text()).split(' ')
  console.log(`${server.folder} ${pid}`)
  if (process.argv[2] !== 'leave') setInterval(() => {}, 60_000)
}
