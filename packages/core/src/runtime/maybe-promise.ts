/** Values that may come now or later: the in-process authority answers at once, a remote one does not. */

import type { Timers } from './runtime.ts'

export type MaybePromise<T> = T | Promise<T>

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

/** `next(value)`, at once when the value is there. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value)
}

/** A call that may throw at once, as a value that never does: `undefined` plus `onFault` for any failure. */
export function attempt<T>(
  call: () => MaybePromise<T>,
  onFault: (error: unknown) => void,
): MaybePromise<T | undefined> {
  try {
    const value = call()
    if (!isPromise(value)) return value
    return value.then(undefined, (error: unknown) => {
      onFault(error)
      return undefined
    })
  } catch (error) {
    onFault(error)
    return undefined
  }
}

/** Where a promise may come that nobody waits for: its rejection must not become an unhandled one of the application. */
export function silence(value: unknown): void {
  if (isPromise(value)) value.then(undefined, () => {})
}

/** The error with which {@link within} rejects. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError'
}

/** The promise's result, or a {@link TimeLimitError} after `milliseconds`. A late result is dropped, a late rejection handled. */
export function within<T>(promise: Promise<T>, milliseconds: number, timers: Timers): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const handle = timers.start(milliseconds, () => reject(new TimeLimitError(`no answer within ${milliseconds} ms`)))
    promise.then(
      (value) => {
        timers.stop(handle)
        resolve(value)
      },
      (error: unknown) => {
        timers.stop(handle)
        reject(error)
      },
    )
  })
}
