import type { OptionCheck } from '../../../core/options/option-check.js'

/**
 * Accepted values of `iss`, each with the name that revocations know its issuer by: the first
 * spelling. Were it the spelling that a token happens to carry, a user who is logged out would be
 * logged in still by a token that carries another.
 */
export type IssuerNames = ReadonlyMap<string, string>

/** The end of an address of metadata: the first thing that many a console shows of an issuer. */
const METADATA = /(\/\.well-known\/(?:openid-configuration|oauth-authorization-server).*)$/

/**
 * Reads the option `issuer`: one issuer, the spellings of one, or a list of these lists. Both kinds of
 * items in one list are refused, because the strings could mean one issuer or several.
 *
 * @param name The option, for the complaint.
 */
export function issuerNames(check: OptionCheck, option: unknown, name = 'issuer'): IssuerNames {
  const list: readonly unknown[] = Array.isArray(option) ? option : [option]
  const groups = list.some(Array.isArray) ? list : [list]
  const names = new Map<string, string>()
  for (const group of groups) {
    if (!Array.isArray(group)) {
      check.refuse(name, 'be a string, a list of spellings, or a list of these lists', option)
    }
    const spellings = check.strings(name, Array.isArray(option) ? group : option)
    for (const spelling of spellings) {
      const [, path] = METADATA.exec(spelling) ?? []
      if (path !== undefined) {
        check.refuse(
          name,
          `be the "iss" of tokens: leave out ${path}, or give this address as "discoveryUrl"`,
          spelling,
        )
      }
      if (names.has(spelling)) check.refuse(name, 'name each spelling once', spelling)
      names.set(spelling, spellings[0]!)
    }
  }
  return names
}
