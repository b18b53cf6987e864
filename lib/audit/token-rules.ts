import { met, missing, namesOf, unknown, weak, type Rule } from './rule.js'

/** More than one issuer signs with. */
const MANY_ALGORITHMS = 4
const LONG_TOLERANCE_SECONDS = 30

/** How tokens are judged: RFC 8725 and its successor, RFC 9068, ASVS V9. */
export const TOKEN_RULES: readonly Rule[] = [
  {
    rule: 'RFC 9068 §4, ASVS 9.1.1',
    asks: 'A signature is verified before anything in the token is believed',
    fix: 'See that the verify() of the app does, or configure an issuer.',
    rate: ({ bearers }) =>
      bearers.some(({ elsewhere }) => elsewhere === 'verifier')
        ? unknown('A verifier of the app judges the tokens')
        : met('No option turns it off'),
  },
  {
    rule: 'RFC 8725 §3.1, ASVS 9.1.2',
    asks: 'Only the algorithms that this issuer uses are allowed',
    fix: 'Set "algorithms" to the one or two that the issuer signs with.',
    rate({ issuers }) {
      if (issuers.length === 0) return undefined
      const many = issuers.filter(({ algorithms }) => algorithms.length > MANY_ALGORITHMS)
      return many.length === 0
        ? met(issuers.map(({ algorithms }) => algorithms.join(', ')).join('; '))
        : weak(`All algorithms with public keys are allowed for ${namesOf(many)}; "none" never is`)
    },
  },
  {
    rule: 'RFC 8725 §3.5',
    asks: 'No shared secret signs tokens',
    fix: 'Let the issuer sign with a key pair: a verifier with a secret can also issue.',
    rate({ issuers }) {
      const shared = issuers.filter(({ keys }) => keys === 'a shared secret')
      if (shared.length > 0) return weak(`${namesOf(shared)} shares its secret with this API`)
      return issuers.length === 0 ? undefined : met('Keys are public ones')
    },
  },
  {
    rule: 'RFC 8725 §3.8, ASVS 9.1.3',
    asks: 'Keys come from the issuer of the token, by configuration',
    fix: 'Keep allow() of the resolver exact: names that you know, not patterns.',
    rate: ({ bearers }) =>
      bearers.some(({ elsewhere }) => elsewhere === 'resolver')
        ? unknown('A resolver of the app says which issuers there are')
        : met('Keys are never pooled, and jku, x5u and jwk in a token are never read'),
  },
  {
    rule: 'RFC 9700 §2.6',
    asks: 'Keys are found by metadata, so that a rotation needs no deployment',
    fix: 'Leave "jwks" out, so that keys are discovered, or give "jwksUri".',
    rate({ issuers }) {
      const fixed = issuers.filter(({ keys }) => keys === 'fixed')
      if (fixed.length > 0) return weak(`The keys of ${namesOf(fixed)} are fixed, and never rotate`)
      return issuers.length === 0 ? undefined : met(issuers.map(({ keys }) => keys).join(', '))
    },
  },
  {
    rule: 'RFC 9700 §2.6, ASVS 12.3.1',
    asks: 'The issuer is reached over TLS',
    fix: 'Give the issuer a certificate, by a CA of your own in network: { ca } where need be.',
    rate({ issuers }) {
      const plain = issuers.flatMap(({ plainHttp }) => plainHttp)
      if (plain.length > 0) {
        return missing(`dangerouslyAllowHttp lets ${plain.join(', ')} answer over plain http`)
      }
      return issuers.length === 0 ? undefined : met('https, but for this machine')
    },
  },
  {
    rule: 'RFC 8725 §3.9, RFC 9068 §4, RFC 9700 §2.3, ASVS 9.2.3, ASVS 10.3.1',
    asks: 'A token must be for this API',
    fix: 'Register this API at the issuer, and set "audience" to the name that it gets.',
    rate({ issuers }) {
      const without = issuers.filter(({ audiences }) => audiences === undefined)
      const pinned = without.filter(({ clientIds }) => clientIds !== undefined)
      if (without.length > pinned.length) {
        return weak('Tokens have no audience; a claim alone tells whom they are for')
      }
      if (pinned.length > 0) {
        return weak(
          `Tokens of ${namesOf(pinned)} have no audience; clients are pinned in its place`,
        )
      }
      return issuers.length === 0
        ? undefined
        : met(issuers.map(({ audiences = [] }) => audiences.join(', ')).join('; '))
    },
  },
  {
    rule: 'RFC 8725 §3.11 and §3.12, RFC 9068 §4, ASVS 9.2.2',
    asks: 'No token of another kind passes for an access token',
    fix: "Set profile: 'rfc9068' where the issuer sends typ: at+jwt.",
    rate({ issuers }) {
      if (issuers.length === 0) return undefined
      const ids = issuers.filter(({ profile }) => profile === 'id_token')
      if (ids.length > 0) return weak(`ID tokens of ${namesOf(ids)} are taken for access tokens`)
      const lenient = issuers.filter(({ profile }) => profile !== 'rfc9068')
      return lenient.length === 0
        ? met('typ must be at+jwt')
        : weak(
            `${namesOf(lenient)}: ID, refresh and logout tokens are told apart by their claims, not by typ`,
          )
    },
  },
  {
    rule: 'RFC 9068 §4, ASVS 9.2.1',
    asks: 'exp and nbf are judged on each request',
    fix: 'Set clocks by NTP, and leave "clockToleranceSeconds" at 5.',
    rate({ issuers }) {
      const longest = Math.max(0, ...issuers.map((each) => each.clockToleranceSeconds))
      if (issuers.length === 0) return undefined
      return longest > LONG_TOLERANCE_SECONDS
        ? weak(`An expired token passes for ${longest} s more`)
        : met(`With ${longest} s of tolerance, on tokens known from before too`)
    },
  },
]
