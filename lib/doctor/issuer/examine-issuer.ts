import { messageOf } from '../../core/values.js'
import { REASONS } from '../../core/verdicts/reasons.js'
import { documentsBy, type Documents } from '../../keys/documents/documents.js'
import { importKeySetInTurns, type KeySet } from '../../keys/key-set.js'
import { countBeyondTries } from '../../keys/keys-to-try.js'
import { discover } from '../../keys/documents/metadata.js'
import { fetchErrorAt } from '../../net/fetch-error.js'
import { notFetched } from '../fetch-faults.js'
import { finding, type Finding } from '../finding.js'
import { examineConnection } from './connection.js'
import type { DoctorTrust } from './trust.js'

/** As long as a guard waits for keys, and as much as it reads, unless told otherwise. */
const DEADLINE_MS = 2500
const MAX_BYTES = 524_288

/** Metadata, the way to the keys, and the keys: each as a guard gets them. */
export async function* examineIssuer(trust: DoctorTrust): AsyncGenerator<Finding> {
  const { network } = trust.policy
  const documents = documentsBy(network, MAX_BYTES)
  let jwksUri: URL
  try {
    jwksUri = await placeOfKeys(trust, documents)
  } catch (error) {
    yield notFetched('metadata', error)
    yield finding('keys', 'skipped', 'Nobody knows where they are')
    return
  }
  yield finding('metadata', 'ok', whereFrom(trust, jwksUri))
  for await (const found of examineConnection(jwksUri, trust.policy, DEADLINE_MS)) {
    yield found
    if (found.status === 'failed' && found.check === 'connection') return
  }
  try {
    yield* examineKeys(await keysAt(jwksUri, documents), jwksUri)
  } catch (error) {
    yield notFetched('keys', error)
  }
}

async function placeOfKeys(trust: DoctorTrust, documents: Documents): Promise<URL> {
  const { jwksUri } = trust.options
  if (jwksUri !== undefined) return new URL(jwksUri)
  const { metadata } = trust.policy
  if (metadata === undefined) throw new Error('Nobody knows where the metadata are')
  return (await discover(metadata, documents, AbortSignal.timeout(DEADLINE_MS))).jwksUri
}

function whereFrom({ options }: DoctorTrust, jwksUri: URL): string {
  return options.jwksUri === undefined
    ? `They name ${[options.issuer].flat(2)[0] ?? ''}, and keys at ${jwksUri.href}`
    : 'Not needed: the place of the keys is given'
}

async function keysAt(url: URL, documents: Documents): Promise<KeySet> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const fetched = await documents.fetch(url, signal)
  try {
    return await importKeySetInTurns(fetched.modified && fetched.body, undefined, signal)
  } catch (error) {
    throw fetchErrorAt(url, error)
  }
}

function* examineKeys(set: KeySet, url: URL): Generator<Finding> {
  const { keys, compromised, ignored } = set
  const names = keys.map((key) => key.keyId ?? '(no kid)').join(', ')
  if (keys.length > 0) yield finding('keys', 'ok', `${keys.length} at ${url.href}: ${names}`)
  for (const [keyId = '(no kid)', error] of compromised) {
    const { cause, fix } = REASONS.compromised_key
    const advice = { cause, fix, reason: 'compromised_key' } as const
    yield finding('keys', 'failed', `${keyId}: ${messageOf(error)}`, advice)
  }
  if (ignored.length > 0) {
    const [first = ''] = ignored
    const more = ignored.length === 1 ? '' : `, and ${ignored.length - 1} more`
    yield finding('keys', 'warning', `Left out: ${first}${more}`, {
      cause: 'The set holds keys that are not for signatures, or in a form that is not used here.',
      fix: 'Nothing need be done, unless tokens are signed by that key.',
    })
  }
  if (countBeyondTries(keys) > 0) {
    yield finding(
      'keys',
      'warning',
      'There are more keys than a token without "kid" is tried with',
      {
        cause: 'The issuer keeps every key that it ever had.',
        fix: 'Let the issuer name keys by "kid", or publish fewer.',
      },
    )
  }
}
