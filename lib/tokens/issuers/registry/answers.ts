import type { Answer } from './answer.js'
import { PolicyLru } from './policy-lru.js'

/**
 * Issuers of which no token has verified yet: anybody can write an `iss` that `allow` admits. Far more than
 * a burst takes in, so that none is dropped while its keys are fetched.
 */
const MAX_UNPROVEN = 1000

/** The issuers in hand. Real ones are kept apart: no flood of others pushes them out. */
export class Answers {
  readonly #proven: PolicyLru<Answer>
  readonly #unproven = new PolicyLru<Answer>(MAX_UNPROVEN)

  constructor(maxProven: number) {
    this.#proven = new PolicyLru(maxProven)
  }

  get(issuer: string): Answer | undefined {
    return this.#proven.get(issuer) ?? this.#unproven.get(issuer)
  }

  peek(issuer: string): Answer | undefined {
    return this.#proven.peek(issuer) ?? this.#unproven.peek(issuer)
  }

  add(issuer: string, answer: Answer): void {
    this.#unproven.set(issuer, answer)
  }

  /** A token of the issuer has verified. */
  prove(issuer: string): Answer | undefined {
    const answer = this.#unproven.take(issuer)
    if (answer === undefined) return this.#proven.peek(issuer)
    this.#proven.set(issuer, answer)
    return answer
  }

  /** @returns whether there was one. */
  replace(issuer: string, answer: Answer): boolean {
    const list = [this.#proven, this.#unproven].find((each) => each.peek(issuer) !== undefined)
    list?.peek(issuer)?.replaceBy(answer)
    list?.set(issuer, answer)
    return list !== undefined
  }

  /** There is no such issuer any more. */
  remove(issuer: string): void {
    for (const list of [this.#proven, this.#unproven]) list.take(issuer)?.keys.close()
  }

  *values(): Iterable<Answer> {
    yield* this.#proven.values()
    yield* this.#unproven.values()
  }

  close(): void {
    this.#proven.close()
    this.#unproven.close()
  }
}
