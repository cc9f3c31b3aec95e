// Runs a program to its end and keeps what it printed for the error message.

import { spawn } from 'node:child_process'

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options] env is added to this process's own
 * @returns {Promise<string>} what the program printed
 * @throws {Error} when it cannot be started or ends with another code than 0; the message ends with its output
 */
export function runProgram(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else
        reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? `code ${code}`}:\n${output.trimEnd()}`))
    })
  })
}
