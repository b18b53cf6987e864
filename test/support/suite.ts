import { afterAll, beforeAll } from '@jest/globals'
import { startApi, type TestApi, type TestApiOptions } from '../../tools/api.js'
import { takeApart } from './forge.js'
import { startIssuer, type TestIssuer } from '../../tools/issuer.js'

/** What most suites need: an issuer, an API that trusts it, and a good token. */
export interface Suite {
  readonly issuer: TestIssuer
  readonly api: TestApi
  readonly valid: string
  /** Those of `valid`. */
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
}

/** Starts it all before the tests of a suite, hands it to `take`, and closes it after them. */
export function beforeSuite(options: TestApiOptions, take: (suite: Suite) => void): void {
  let issuer: TestIssuer | undefined
  let api: TestApi | undefined

  beforeAll(async () => {
    issuer = await startIssuer(options.clock === undefined ? {} : { clock: options.clock })
    api = await startApi(issuer, options)
    const valid = await issuer.token()
    const { header, payload } = takeApart(valid)
    take({ issuer, api, valid, header, payload })
  })

  afterAll(async () => {
    await api?.close()
    await issuer?.close()
  })
}
