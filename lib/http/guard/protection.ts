import type { Responder } from './responder.js'

/** What a guard over tokens tells of itself. */
export interface Protection {
  /** Issuers whose tokens pass, each by its first spelling; empty where they are not known in advance. */
  readonly issuers: readonly string[]
  /** Proofs by DPoP (RFC 9449), where they are judged. */
  readonly dpop?: { readonly algorithms: readonly string[]; readonly required: boolean } | undefined
  /** Whether tokens bound to a client certificate (RFC 8705) are taken. */
  readonly mtls?: boolean | undefined
  readonly responder: Responder
}

/** `Symbol.for`, so that two copies of this package in one process know each other's guards. */
const PROTECTION = Symbol.for('express-resource-server.protection')
const SCOPES = Symbol.for('express-resource-server.scopes')

export function withProtection<G extends object>(guard: G, protection: Protection): G {
  return Object.defineProperty(guard, PROTECTION, { value: protection })
}

/** Undefined for what is no guard over tokens. */
export function protectionOf(guard: object): Protection | undefined {
  return (guard as { readonly [PROTECTION]?: Protection })[PROTECTION]
}

/** Says beside a guard which scopes it asks for. */
export function withScopes<G extends object>(guard: G, scopes: readonly string[]): G {
  return Object.defineProperty(guard, SCOPES, { value: Object.freeze(scopes) })
}

/** Undefined for what asks for no scopes. */
export function scopesOf(guard: object): readonly string[] | undefined {
  return (guard as { readonly [SCOPES]?: readonly string[] })[SCOPES]
}
