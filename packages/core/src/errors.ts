/** The errors that Larder throws: misuse at construction, and `reject-writes` at run time. Nothing else. */

/** What went wrong, for programs. */
export type LarderErrorCode = 'INVALID_OPTION' | 'INVALID_TARGET' | 'AUTHORITY_UNAVAILABLE' | 'CLOSED'

/** Base of every error of Larder. */
export class LarderError extends Error {
  override readonly name: string = 'LarderError'
  readonly code: LarderErrorCode

  constructor(code: LarderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** An option, strategy or argument that cannot be used; the message says what to write instead. */
export class InvalidOptionError extends LarderError {
  override readonly name = 'InvalidOptionError'
  /** Path of the option, e.g. `memory.maxBytes`. */
  readonly option: string

  constructor(option: string, message: string, options?: ErrorOptions) {
    super('INVALID_OPTION', `${option}: ${message}`, options)
    this.option = option
  }
}

/**
 * A write was refused before anything reached the database, because its mark could not be confirmed
 * and `onAuthorityDown` is `'reject-writes'`.
 */
export class AuthorityUnavailableError extends LarderError {
  override readonly name = 'AuthorityUnavailableError'
  /** The tags that could not be marked. */
  readonly tags: readonly string[]

  constructor(tags: readonly string[], what = 'The write was not sent', options?: ErrorOptions) {
    super(
      'AUTHORITY_UNAVAILABLE',
      `${what}: the stamp authority did not confirm its mark (${tags.join(', ')}). ` +
        `Retry it, or set onAuthorityDown: 'proceed' to let writes go through and owe their invalidation.`,
      options,
    )
    this.tags = tags
  }
}
