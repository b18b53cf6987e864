/** The token is good, and does not grant what was asked. */
export const ACCESS_REASONS = {
  scope_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The token lacks a scope.',
    cause: 'The client did not request the scope, or the user did not consent.',
    fix: 'Request the scopes that the challenge names.',
  },
  role_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The user lacks a role.',
    cause: 'The role was not assigned, or the issuer sends roles in another claim.',
    fix: 'Assign the role, or set "claims.roles" to the claim that holds roles.',
  },
  permission_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The user lacks a permission.',
    cause: 'The permission was not assigned, or the issuer sends it in another claim.',
    fix: 'Assign the permission, or set "permissionsClaim" to the claim that holds permissions.',
  },
  claim_mismatch: {
    codes: ['insufficient_scope', 'invalid_token'],
    meaning: 'A claim has another value than requireClaims or "expectedClaims" asks for.',
    cause: 'The user or tenant is not one that this route is for.',
    fix: 'Compare the claim with the value that the detail names.',
  },
  refused_by_validate: {
    codes: ['invalid_token'],
    meaning: 'The validate() of the app refused the token.',
    cause: 'The rule of the app applies, or validate() threw an error of its own.',
    fix: 'Read the detail, and throw "temporarily_unavailable" where the app cannot know.',
  },
  validate_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The validate() of the app could not find out; only apps raise this.',
    cause: 'The database or service that the app asks does not answer.',
    fix: 'Bring that service back, and see the cause of the error.',
  },
} as const
