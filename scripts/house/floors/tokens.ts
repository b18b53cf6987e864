import type { Room } from '../room.js'

/** A credential becomes an `Auth`. */
export const TOKENS: Readonly<Record<string, Room>> = {
  'tokens/jwt': {
    holds: 'the format: segments, header, claims, signature, encryption',
    imports: ['keys/'],
    packages: ['jose'],
  },
  'tokens/issuers/policy': {
    holds: 'one issuer: its options, and the policy and keys that they come to',
    imports: ['net/', 'keys/', 'tokens/jwt'],
  },
  'tokens/issuers/registry': {
    holds: 'whose a token is: issuers by name, listed or resolved',
    imports: ['net/', 'keys/', 'tokens/jwt', 'tokens/issuers/policy'],
  },
  'tokens/issuers/presets': {
    holds: 'one product a file, with all that is known of it',
    imports: ['tokens/issuers/policy'],
  },
  'tokens/issuers': {
    holds: 'who is trusted, and whether a token is signed by them',
    imports: ['keys/', 'tokens/jwt', 'tokens/issuers/'],
  },
  'tokens/proof/binding': {
    holds: 'what a token is bound to, and what holding it means',
    imports: ['tokens/jwt', 'http/request'],
  },
  'tokens/proof/dpop': {
    holds: 'DPoP proofs (RFC 9449): options, format, key, claims, nonces',
    imports: [
      'keys/jwk',
      'tokens/jwt',
      'http/request',
      'http/secrets',
      'replay',
      'tokens/proof/binding',
    ],
    packages: ['jose'],
  },
  'tokens/proof/mtls': {
    holds: 'client certificates (RFC 8705), also behind a proxy',
    imports: ['http/request'],
  },
  'tokens/proof': {
    holds: 'one judgement of possession for each request',
    imports: ['tokens/proof/'],
  },
  'tokens/access': {
    holds: 'what an access token must say: the rules of its issuer, aud, kind of token',
    imports: ['keys/jwk', 'tokens/jwt', 'tokens/issuers/', 'tokens/proof/'],
  },
  'tokens/introspection/asking': {
    holds: 'one call to an introspection endpoint (RFC 7662), and its signed answer (RFC 9701)',
    imports: ['net/', 'keys/', 'tokens/jwt', 'tokens/issuers/'],
    packages: ['jose', 'oauth4webapi'],
  },
  'tokens/introspection/judging': {
    holds: 'what an answer means for a token, now and later',
    imports: [
      'keys/jwk',
      'tokens/jwt',
      'tokens/issuers/',
      'tokens/access',
      'tokens/proof/',
      'tokens/introspection/asking',
    ],
  },
  'tokens/introspection/limits': {
    holds: 'when an endpoint may be asked: turns, budgets, outages',
    imports: ['net/', 'tokens/introspection/asking'],
  },
  'tokens/introspection': {
    holds: 'the verifier that asks an issuer where a token does not say enough',
    imports: ['net/', 'tokens/issuers/', 'tokens/access', 'tokens/proof/', 'tokens/introspection/'],
  },
  'tokens/events': {
    holds: 'what logout tokens and other event tokens say',
    imports: ['keys', 'tokens/jwt', 'tokens/issuers/', 'tokens/access'],
  },
}
