import { requireBearer, requireScope } from 'express-resource-server'
import { strictCors } from 'express-resource-server/browser'
import { redisRevocationStore } from 'express-resource-server/redis'
import { createTestIssuer } from 'express-resource-server/testing'
import { judge } from './judge.mjs'

judge({ requireBearer, requireScope, strictCors, redisRevocationStore, createTestIssuer })
