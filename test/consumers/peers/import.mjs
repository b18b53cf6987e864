import { createRequire } from 'node:module'
import { authRateLimit, strictCors } from 'express-resource-server/browser'

const judge = createRequire(import.meta.url)('./judge.cjs')
await judge({ strictCors, authRateLimit })
