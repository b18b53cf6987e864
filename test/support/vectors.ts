import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One case of a Wycheproof file about JSON web keys and signatures. */
export interface WycheproofCase {
  readonly id: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags: readonly string[]
  readonly jws: string
  /** The key set to verify with: public keys, or shared secrets. */
  readonly keys: unknown
}

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly public?: unknown
    readonly private?: unknown
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly result: WycheproofCase['result']
      readonly flags: readonly string[]
      readonly jws: string
    }[]
  }[]
}

/**
 * The cases of a Wycheproof file, which is not part of this project: it is looked for in the folder
 * that `TEST_VECTORS` names, else in `../shared/vectors`. None, and a warning, where it is missing.
 */
export function wycheproof(name: string): readonly WycheproofCase[] {
  const path = join(process.env['TEST_VECTORS'] ?? '../shared/vectors', 'wycheproof', name)
  if (!existsSync(path)) {
    console.warn(`No ${path}: its vectors are NOT run. Set TEST_VECTORS to the folder of vectors`)
    return []
  }
  const file = JSON.parse(readFileSync(path, 'utf8')) as WycheproofFile
  return file.testGroups.flatMap((group) =>
    group.tests.map(({ tcId, ...test }) => ({
      ...test,
      id: tcId,
      keys: group.public ?? group.private,
    })),
  )
}
