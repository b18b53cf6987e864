import { met, missing, unknown, weak, type Rule } from './rule.js'

/** What a good token is good for, and for whom: RFC 9700, RFC 10017, ASVS V7, V8, V10 and V16. */
export const ACCESS_RULES: readonly Rule[] = [
  {
    rule: 'RFC 9700 §2.2.1, ASVS 10.3.5',
    asks: 'A stolen token is of no use: it is bound to a key of its client',
    fix: 'Set "dpop" or "mtls", with mode "require" once all clients send proofs.',
    rate({ bearers }) {
      if (bearers.every(({ proof }) => proof === 'required')) return met('Each token needs a proof')
      return bearers.some(({ proof }) => proof !== 'none')
        ? weak('Proofs are taken, and plain tokens as well')
        : weak('Every holder of a token can use it; a bound token never passes without its proof')
    },
  },
  {
    rule: 'RFC 9700 §2.3, ASVS 8.2.1, ASVS 10.3.2',
    asks: 'Routes ask for what a token must grant',
    fix: 'Mount requireScope, requireRole or requireClaims on each route, and hand them in here too.',
    rate: (configuration) =>
      configuration.of('rights').length > 0
        ? met(
            'By guards over scopes, roles or claims; whether each route has one, only a review tells',
          )
        : weak('No such guard is seen: any token of the issuer for this API may do everything'),
  },
  {
    rule: 'RFC 8725 §3.8, ASVS 6.8.1, ASVS 10.3.3',
    asks: 'A user is issuer and subject together',
    fix: 'Key users by authOf(req).issuer and .subject, never by subject or e-mail alone.',
    rate: () => unknown('Only the app knows by what it keeps its users'),
  },
  {
    rule: 'ASVS 7.4.1, ASVS 7.4.2, ASVS 8.3.2',
    asks: 'After a logout, or once an account is closed, its tokens are refused',
    fix: 'Mount jtiBlocklist over a store behind requireBearer, and logout or backChannelLogout.',
    rate(configuration) {
      if (configuration.of('blocklist').length > 0)
        return met('A denylist is asked on each request')
      return configuration.bearers.every(({ introspection }) => introspection === 'all')
        ? met('The issuer is asked about each token')
        : weak('A token works until its exp, whatever happens')
    },
  },
  {
    rule: 'ASVS 16.5.3',
    asks: 'A token that cannot be judged is refused',
    fix: "Leave onUnavailable at 'refuse': 503 sends nobody away for good.",
    rate(configuration) {
      const others = configuration.of('blocklist').map(({ onUnavailable }) => onUnavailable)
      if (others.includes('dangerouslyAllow')) {
        return missing('While the denylist is down, revoked tokens pass')
      }
      return others.includes('a function')
        ? weak('A function of the app decides while the denylist is down')
        : met('An outage is 503, and never "not revoked"')
    },
  },
  {
    rule: 'RFC 10017 §6.1.3',
    asks: 'A request that a foreign page sent with our cookie is refused',
    fix: 'Mount csrfGuard, without reportOnly, before each route that takes a cookie for a credential.',
    rate(configuration) {
      if (configuration.of('csrf').some(({ reportOnly }) => reportOnly)) {
        return weak('csrfGuard only reports')
      }
      if (configuration.bearers.some(({ cookie }) => cookie !== undefined)) {
        return met('The check is welded to the cookie')
      }
      return configuration.of('csrf').length > 0 ? met('By csrfGuard') : undefined
    },
  },
  {
    rule: 'RFC 10017 §6.1.3, ASVS 3.3.1, ASVS 3.3.3',
    asks: 'The cookie of the token has the prefix __Host-, by which browsers keep it to this host',
    fix: 'Name it by tokenCookie(), which sets Secure, HttpOnly, SameSite and Path as well.',
    rate({ bearers }) {
      const names = bearers.flatMap(({ cookie }) => (cookie === undefined ? [] : [cookie.name]))
      if (names.length === 0) return undefined
      const bare = names.filter((name) => !name.startsWith('__Host-'))
      return bare.length === 0 ? met(names.join(', ')) : weak(`${bare.join(', ')} has no prefix`)
    },
  },
  {
    rule: 'RFC 10017 §6.1.3',
    asks: 'A cookie that holds a token is encrypted',
    fix: 'Give tokenCookie({ seal: [secret] }) to requireBearer.',
    rate({ bearers }) {
      const cookies = bearers.flatMap(({ cookie }) => (cookie === undefined ? [] : [cookie]))
      if (cookies.length === 0) return undefined
      return cookies.every(({ sealed }) => sealed)
        ? met('It is sealed')
        : weak('The token stands in it as it is, for whoever reads the disk of the browser')
    },
  },
  {
    rule: 'ASVS 3.4.1 to 3.4.6',
    asks: 'Answers carry the security headers of browsers',
    fix: 'Mount securityHeaders() first, or hand it in here too.',
    rate: (configuration) =>
      configuration.of('headers').length > 0 ? met('By securityHeaders') : weak('None are seen'),
  },
  {
    rule: 'ASVS 2.4.1, ASVS 6.1.1',
    asks: 'Somebody who guesses is slowed down',
    fix: 'Set "throttle", with "redis" where there are several processes.',
    rate: ({ bearers }) =>
      bearers.every(({ throttle }) => throttle)
        ? met('Networks that send bad tokens get 429')
        : weak('Bad tokens may be sent at any rate; each costs a signature check at most'),
  },
  {
    rule: 'ASVS 8.3.1',
    asks: 'No route is open by mistake',
    fix: 'Leave "optional" out where no route is for anonymous users.',
    rate: ({ bearers }) =>
      bearers.some(({ optional }) => optional)
        ? weak('Requests without a token pass as anonymous, unless a guard behind asks for one')
        : met('Without a token there is no way in'),
  },
]
