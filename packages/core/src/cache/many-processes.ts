/** Signs that the application runs as several processes, in which a cache of one process is not enough. */

import cluster from 'node:cluster'

const SIGNS: readonly (readonly [variable: string, sign: string])[] = [
  ['pm_id', 'PM2'],
  ['NODE_APP_INSTANCE', 'PM2'],
  ['KUBERNETES_SERVICE_HOST', 'Kubernetes'],
  ['AWS_LAMBDA_FUNCTION_NAME', 'AWS Lambda'],
  ['VERCEL', 'Vercel'],
  ['NETLIFY', 'Netlify'],
  ['K_SERVICE', 'Cloud Run'],
  ['FUNCTIONS_WORKER_RUNTIME', 'Azure Functions'],
]

/** The first sign found, for people, or undefined. */
export function signOfManyProcesses(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (cluster.isWorker) return 'a cluster worker'
  return SIGNS.find(([variable]) => environment[variable] !== undefined)?.[1]
}
