import { describe, expect, it } from 'vitest'
import { signOfManyProcesses } from './many-processes.ts'

describe('signs of several processes', () => {
  it.each([
    ['pm_id', 'PM2'],
    ['NODE_APP_INSTANCE', 'PM2'],
    ['KUBERNETES_SERVICE_HOST', 'Kubernetes'],
    ['AWS_LAMBDA_FUNCTION_NAME', 'AWS Lambda'],
    ['VERCEL', 'Vercel'],
    ['NETLIFY', 'Netlify'],
    ['K_SERVICE', 'Cloud Run'],
    ['FUNCTIONS_WORKER_RUNTIME', 'Azure Functions'],
  ])('%s means %s', (variable, sign) => {
    expect(signOfManyProcesses({ [variable]: '0', PATH: '/bin' })).toBe(sign)
  })

  it('are absent in a process of its own', () => {
    expect(signOfManyProcesses({ PATH: '/bin' })).toBeUndefined()
  })

  it('are named one at a time', () => {
    expect(signOfManyProcesses({ VERCEL: '1', AWS_LAMBDA_FUNCTION_NAME: 'x' })).toBe('AWS Lambda')
  })
})
