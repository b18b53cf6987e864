import type { RevocationFacts } from '../../facts.js'
import type { Found } from './batch.js'
import { KIND_LETTERS, type KeyNames } from '../schema/key-names.js'
import { parseFlag, parseMark, parseNumber } from '../schema/records.js'

/**
 * What the entries that are there say of a token.
 *
 * @throws RevocationUnavailable for a record that cannot be read.
 */
export function parseFacts(
  keys: KeyNames,
  found: readonly Found[],
  floor: number | undefined,
): RevocationFacts {
  let facts: RevocationFacts = { floor }
  for (const [key, record] of found) facts = { ...facts, ...factOf(keys, key, record) }
  return facts
}

function factOf(keys: KeyNames, key: string, record: string): RevocationFacts {
  const letter = key.charAt(keys.prefix.length)
  switch (letter) {
    case KIND_LETTERS.token:
      return { token: parseFlag(record) }
    case KIND_LETTERS.session:
      return { session: parseFlag(record) }
    case KIND_LETTERS.subject:
      return { subject: parseMark(record) }
    case KIND_LETTERS.client:
      return { client: parseNumber(record) }
    case KIND_LETTERS.version:
      return { version: parseNumber(record) }
    default: {
      const second = parseNumber(record)
      return key === keys.all(undefined) ? { all: second } : { issuer: second }
    }
  }
}
