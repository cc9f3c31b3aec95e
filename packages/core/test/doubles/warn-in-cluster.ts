/** A cluster of one worker, both of which use a cache and print the warnings that they get. */

import cluster from 'node:cluster'
import { createCache } from '../../src/cache/create-cache.ts'

process.on('warning', (warning) => {
  console.log(`${cluster.isWorker ? 'worker' : 'primary'} ${(warning as { code?: string }).code}`)
  if (cluster.isWorker) process.exit()
})
createCache().origin({ adapter: 'test', dialect: 'postgres' })
if (cluster.isPrimary) cluster.fork()
