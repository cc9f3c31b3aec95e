// A lock between processes of one machine: a file that holds the process id of its owner.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Runs `work` while no other process holds the lock. The lock of a process that is gone is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ patience?: number }} [options] milliseconds to wait for another owner, default 2 minutes
 * @returns {Promise<T>}
 * @throws {Error} when the other owner keeps it for longer
 */
export async function withFileLock(file, work, { patience = 120_000 } = {}) {
  mkdirSync(dirname(file), { recursive: true })
  const deadline = Date.now() + patience
  while (!take(file)) {
    const owner = ownerOf(file)
    if (owner !== undefined && !isAlive(owner)) rmSync(file, { force: true })
    else if (Date.now() > deadline) throw new Error(`another process holds ${file}; delete it if that is not so`)
    else await delay(50)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file) {
  try {
    const handle = openSync(file, 'wx')
    writeSync(handle, String(process.pid))
    closeSync(handle)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ownerOf(file) {
  try {
    // Empty for the instant between creation and writing: then the owner is alive, and unknown.
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
