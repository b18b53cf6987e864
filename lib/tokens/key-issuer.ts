import type { VerificationKey } from '../keys/key-set.js'

/** Tenants are named by a GUID in the issuer's path; both versions of an issuer hold the same one. */
const TENANT_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/**
 * Whether a key may serve tokens of an issuer. Sets shared by many tenants (Entra's `common`) say in
 * a member `issuer` which tenant a key belongs to, or `{tenantid}` for a key of all tenants.
 */
export function keyServesIssuer(key: VerificationKey, issuer: string): boolean {
  if (key.issuer === undefined || key.issuer === issuer) return true
  if (key.issuer.includes('{tenantid}')) return true
  const tenant = TENANT_ID.exec(key.issuer)?.[0]
  return tenant !== undefined && tenant === TENANT_ID.exec(issuer)?.[0]
}
