/** The interface of the stamp authority: the one place that holds current stamps and marks. */

import type { MaybePromise } from '../runtime/maybe-promise.ts'
import type { Stamp, Tag, WriterToken } from './tag.ts'

/** What the authority says of some tags, in one moment per tag. */
export interface TagStates {
  /** Changes when the authority may have lost or regained state; an entry of another epoch is never served. */
  readonly epoch: string
  /** The stamp of each asked tag, in order; `undefined` when it has none. */
  readonly stamps: readonly (Stamp | undefined)[]
  /** True when at least one asked tag has a mark. */
  readonly marked: boolean
}

/** What {@link Authority.settle} did for one tag. */
export interface Settlement {
  /** The tag's new stamp. */
  readonly stamp: Stamp
  /** Own mark still there, and no other mark at any time between unsettle and settle. */
  readonly alone: boolean
}

/** A mark that its writer still needs. */
export interface HeldMark {
  readonly tags: readonly Tag[]
  readonly token: WriterToken
}

/**
 * Stamps and marks. Each operation is atomic per tag, not across tags; each is idempotent per token.
 * An implementation answers at once (this process) or with a promise (a server); a promise that rejects or
 * never ends is a cache fault, which the core limits in time.
 *
 * {@link EVERYTHING} is a tag like any other here; an implementation with shards keeps one per shard.
 */
export interface Authority {
  /** `'process'`, `'redis'` ... for `health()`. */
  readonly kind: string
  /** True when several processes use it. */
  readonly shared: boolean
  /** Stamps and marks of the tags. Changes nothing, except that marks past their deadline are gone and their tag has no old stamp. */
  lookup(tags: readonly Tag[]): MaybePromise<TagStates>
  /** Gives a new stamp to each tag that has none and no mark, then answers as {@link lookup}: the winner's stamps. */
  create(tags: readonly Tag[]): MaybePromise<TagStates>
  /** Adds the writer's mark, with a deadline `lease` ms from now by the authority's clock. The stamp stays. */
  unsettle(tags: readonly Tag[], token: WriterToken, lease: number): MaybePromise<void>
  /** Moves the deadlines of marks that are still there. Answers, per mark, whether all its tags still had it. */
  renew(marks: readonly HeldMark[], lease: number): MaybePromise<readonly boolean[]>
  /** New random stamps, own mark removed. Works without a mark too: the tag gets a new stamp all the same, and marks present are not `alone`. */
  settle(tags: readonly Tag[], token: WriterToken): MaybePromise<readonly Settlement[]>
  /** Removes the own mark and leaves the stamp: the server proved that nothing was written. */
  cancel(tags: readonly Tag[], token: WriterToken): MaybePromise<void>
  /** Calls back whenever the authority can be reached again after it could not. */
  onReachable?(listener: () => void): void
}
