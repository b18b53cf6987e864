/** Proof of possession: DPoP (RFC 9449) and mutual TLS (RFC 8705). */
export const PROOF_REASONS = {
  unbound_token: {
    codes: ['invalid_token'],
    meaning: 'The token is bound to no key, and this request needs one that is.',
    cause:
      'The client sent the scheme DPoP with a plain token, or plain tokens are not taken here.',
    fix: 'Let the issuer bind tokens of this client to its key or certificate.',
  },
  missing_proof: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The request has no DPoP header, or several.',
    cause: 'The client sends "Authorization: DPoP" without the proof beside it.',
    fix: 'Send exactly one DPoP header with a fresh proof in each request.',
  },
  malformed_proof: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The DPoP header is no well-formed proof: its form, "typ", "alg", key or claims.',
    cause: 'A library writes other members than RFC 9449 §4.2 asks for.',
    fix: 'Make the proof as the detail says.',
  },
  proof_mismatch: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The proof is of another request: its method, URL or access token.',
    cause: 'A proxy changes the path, or "origin" is not the public origin of this API.',
    fix: 'Compare "htu" with "origin" and the path that the client asked for.',
  },
  stale_proof: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The "iat" of the proof lies too far from now.',
    cause: 'The clock of the client is wrong, or the proof waited in a queue.',
    fix: 'Set the clock by NTP, or use "dpop.nonce", with which clocks do not matter.',
  },
  bad_proof_signature: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The signature of the proof does not verify with the key in it.',
    cause: 'The proof was changed, or signed with another key than it names.',
    fix: 'Sign with the private half of the "jwk" in the header of the proof.',
  },
  replayed_proof: {
    codes: ['invalid_dpop_proof'],
    meaning: 'The proof was used before.',
    cause: 'The client tries again with the same proof, or somebody recorded it.',
    fix: 'Make a new proof for each request, repeated ones too.',
  },
  nonce_needed: {
    codes: ['use_dpop_nonce'],
    meaning: 'The proof has no nonce of ours, or one that is too old.',
    cause: 'It is the first request of this client, or the first for a while.',
    fix: 'Repeat the request with the nonce of the DPoP-Nonce header in a new proof.',
  },
  wrong_key: {
    codes: ['invalid_token'],
    meaning: 'The proof is by another key than the token is bound to.',
    cause: 'The client made a new key and kept the old token, or the token was stolen.',
    fix: 'Request a token with the key that makes the proofs.',
  },
  wrong_certificate: {
    codes: ['invalid_token'],
    meaning: 'The token is bound to a certificate that did not come with the request.',
    cause: 'The client connects without its certificate or with a new one, or a proxy drops it.',
    fix: 'Connect with the certificate that the token was requested with.',
  },
  untrusted_certificate_header: {
    codes: ['invalid_token'],
    meaning: 'A certificate came in a header from somebody who is no trusted proxy.',
    cause: 'A client writes the header itself, or "trustedProxies" lacks the proxy.',
    fix: 'Add the address of the proxy to "trustedProxies", if it is yours.',
  },
  replay_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The replay store cannot tell whether the proof was used before.',
    cause: 'Redis is down or may evict keys, or the store is full.',
    fix: 'Restore Redis, set its maxmemory-policy to noeviction, or raise the bounds of the store.',
  },
  origin_unknown: {
    codes: ['temporarily_unavailable'],
    meaning: 'Nobody can tell which URL the proof must name.',
    cause: 'Neither "origin" is set nor a proxy that the app trusts told it.',
    fix: 'Set "origin" to the public origin of this API.',
  },
} as const
