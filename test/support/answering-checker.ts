import { RevocationUnavailable, type RevocationChecker } from '../../lib/index.js'

/** A denylist that answers as it is told to, and counts how often it was asked. */
export function answering(first: () => unknown): RevocationChecker & {
  answer: () => unknown
  asked: number
} {
  const checker = {
    asked: 0,
    answer: first,
    check(): never {
      checker.asked += 1
      return checker.answer() as never
    },
    status: () => ({ ready: true, state: 'ready' }),
  }
  return checker
}

export const good = (): unknown => ({ revoked: false })

export const down = (): unknown => {
  throw new RevocationUnavailable('Redis is away')
}
