export type {
  Family,
  FamilyRules,
  FamilyState,
  Presented,
  Rotation,
  StoredFamily,
} from './session/family.js'
export type { FamilyStore, NewFamily, Rotated } from './session/family-store.js'
export type { FamilyId } from './session/family-token.js'
export { memoryFamilyStore, type MemoryFamilyStoreOptions } from './session/memory-family-store.js'
export type { RefreshFamiliesOptions } from './session/family-options.js'
export {
  refreshFamilies,
  type FamilyRefusal,
  type FamilyRotation,
  type FamilyStart,
  type RefreshFamilies,
  type RevokedLogins,
} from './session/refresh-families.js'
export {
  memorySessionStore,
  type MemorySessionStoreOptions,
} from './session/memory-session-store.js'
export type { SessionLifetime, SessionStore, StoredSession } from './session/session-store.js'
export {
  exchangeFor,
  type ExchangeClient,
  type ExchangedToken,
  type ExchangeOptions,
} from './session/handler/exchange-for.js'
export type { TokenHandlerFields, TokenHandlerOptions } from './session/handler/options.js'
export { tokenHandler, type TokenHandler } from './session/handler/token-handler.js'
