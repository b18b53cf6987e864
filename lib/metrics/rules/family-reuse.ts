import type { Rule } from './rule.js'

/** A refresh token that came back after its successor was used: once is enough. */
export function familyReuse(): Rule {
  return ({ event }) =>
    event.name === 'family.reused'
      ? {
          rule: 'family_reused',
          count: 1,
          windowSeconds: 0,
          detail: 'A refresh token was used again; its login is over',
        }
      : undefined
}
