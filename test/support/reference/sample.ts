// Every kind of declaration that the printer of docs/reference reads.

export type Word = 'first' | 'second'

const ANSWERS = ['deny', 'allow'] as const

export interface Held {
  /** Something. */
  readonly it: string
}

export interface SampleOptions {
  /** Required, and of one line. */
  readonly text: string
  /** One or several. */
  readonly either?: string | readonly string[] | undefined
  /** Words of an alias. @default 'first' */
  readonly word?: Word | undefined
  /** Words of an array. @default 'deny' */
  readonly listed?: (typeof ANSWERS)[number] | false | undefined
  /** A default that is a sentence. @default true, but false in a test run */
  readonly switched?: boolean | undefined
  /** A function. */
  readonly called?: ((text: string) => void) | undefined
  /** An interface. @default see `held` */
  readonly held?: Held | undefined
  /**
   * The first paragraph alone, though it is
   * written in two lines.
   *
   * More is for readers of the code. @default 5
   */
  readonly long?: number | undefined
  /** A bar | of a table. */
  readonly counted?: readonly number[]
}

export interface SampleStore {
  /** Entries held. */
  readonly size?: number
  /** Holds a value. */
  put(key: string, value: string): void
}

/** Members that a caller spells out are shown, and those without a name of their own are not. */
export interface SampleCalls extends Iterable<string> {
  /** Spelt out. */
  all(of: { readonly a: string; readonly b: string }): void
  /** With more that may be given. */
  some(of: Held & { readonly b?: string }): void
  /** May be left out. */
  none(of?: { readonly b?: string }, also?: string): void
  /** Of a type that is not spelt out. */
  opaque(of: Pick<Held, 'it'>): void
}

/** A class is told of as an interface is. */
export class SampleError extends Error {
  override readonly name = 'SampleError'
  /** A property. */
  readonly code: string

  /** A getter. */
  get status(): number {
    return this.code.length
  }

  static of(): SampleError {
    return new SampleError('made')
  }

  constructor(code: string) {
    super()
    this.code = code
  }
}

/**
 * Refuses a request,
 * as guards do.
 *
 * | refused because | status |
 * | --------------- | ------ |
 * | it may not pass | 403    |
 *
 * @param names One or more.
 * @returns the guard.
 * @example
 * sampleGuard('a')
 *
 * @throws TypeError at construction,
 *   for no names.
 * @see RFC 6750 §3
 */
export function sampleGuard(names: string | readonly string[], held?: Held): () => void
export function sampleGuard(...names: readonly string[]): () => void
export function sampleGuard(...names: readonly unknown[]): () => void {
  return () => void names
}

export function bareGuard(): void {
  return
}

export interface Undocumented {
  readonly bare: string
}

export interface TooLong {
  /**
   * A sentence that goes on and on, as sentences do where somebody wanted to say everything about an option
   * at once, in one place, with each exception and each exception of an exception, until no row of a table on
   * any page has room for it any more.....
   */
  readonly long: string
}
