import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { RevocationChecker, RevocationStore } from '../store.js'

const CHECKER: readonly (keyof RevocationChecker)[] = ['check']
const STORE: readonly (keyof RevocationStore)[] = [
  'check',
  'revokeToken',
  'revokeSession',
  'revokeSubject',
]

/** @throws TypeError for what cannot be asked whether a token is revoked. */
export function requireChecker(check: OptionCheck, store: RevocationChecker): void {
  requireMethods(check, store, CHECKER)
}

/** @throws TypeError for what cannot be asked, or cannot revoke what a logout ends. */
export function requireStore(check: OptionCheck, store: RevocationStore): void {
  requireMethods(check, store, STORE)
}

function requireMethods(check: OptionCheck, store: unknown, methods: readonly string[]): void {
  const missing = methods.find((name) => !isRecord(store) || typeof store[name] !== 'function')
  if (missing === undefined) return
  const made =
    isRecord(store) && 'redis' in store
      ? 'redisRevocationStore({ redis })'
      : 'memoryRevocationStore()'
  check.refuse('store', `be a RevocationStore like ${made}`, store)
}
