const PLACEHOLDER = '{tenantid}'
const TENANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Whether `template` speaks for `issuer`: the same string, or one with the literal `{tenantid}` in it,
 * as metadata and keys for all tenants of a product have, and a tenant's id in its place.
 */
export function speaksFor(template: string, issuer: string): boolean {
  if (template === issuer) return true
  const [before = '', after, ...others] = template.split(PLACEHOLDER)
  if (after === undefined || others.length > 0) return false
  if (!issuer.startsWith(before) || !issuer.endsWith(after)) return false
  return TENANT_ID.test(issuer.slice(before.length, issuer.length - after.length))
}
