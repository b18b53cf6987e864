export type { TestDpopClient, TestProof } from './testing/bound.js'
export { testClock, type TestClock } from './testing/clock.js'
export { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './testing/issuer.js'
export type { Outage } from './testing/issuer-server.js'
export { browserLike, type BrowserLikeOptions, type HeaderSetter } from './testing/requests.js'
export type { Likeness } from './testing/shapes.js'
export type { JsonObject, TestAlgorithm } from './testing/signing-key.js'
export { testRevocationStore, type TestRevocationStore } from './testing/store.js'
export type { TestClaims } from './testing/claims.js'
export type { TestTokens } from './testing/tokens.js'
export type {
  PushAnswer,
  TestSignal,
  TestTransmitter,
  TestTransmitterOptions,
} from './testing/transmitter.js'
