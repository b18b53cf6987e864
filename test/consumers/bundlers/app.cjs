const { requireBearer, requireScope } = require('express-resource-server')
const { strictCors } = require('express-resource-server/browser')
const { redisRevocationStore } = require('express-resource-server/redis')
const { createTestIssuer } = require('express-resource-server/testing')

import('./judge.mjs').then(({ judge }) =>
  judge({ requireBearer, requireScope, strictCors, redisRevocationStore, createTestIssuer }),
)
