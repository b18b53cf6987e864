import { describe } from '@jest/globals'
import { memoryRevocationStore } from '../../../lib/revocation/memory/memory-store.js'
import { itKeepsTheStoreContract } from '../../contract/revocation-store.js'

describe('memoryRevocationStore', () => {
  itKeepsTheStoreContract(async (options) => ({
    store: memoryRevocationStore(options),
    end: () => Promise.resolve(),
  }))
})
