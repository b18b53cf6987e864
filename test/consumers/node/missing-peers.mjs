import { createRequire } from 'node:module'
import * as browser from 'express-resource-server/browser'
import * as redis from 'express-resource-server/redis'

createRequire(import.meta.url)('./missing-peers.check.cjs')(
  (subpath) => ({ browser, redis })[subpath],
)
