// Guessing passwords gets slow; logging in does not. An attempt is free unless it fails.
//
//   npx tsx examples/13-rate-limits.ts
//
//   curl -i 127.0.0.1:3000/login -d "user=alice&password=open-sesame"  # 200, RateLimit tells what is left
//   curl -i 127.0.0.1:3000/login -d "user=alice&password=1"            # 401
//   curl -i 127.0.0.1:3000/login -d "user=alice&password=2"            # 401
//   curl -i 127.0.0.1:3000/login -d "user=alice&password=3"            # 401
//   curl -i 127.0.0.1:3000/login -d "user=ALICE&password=4"            # 429, in another spelling too
//   curl -i 127.0.0.1:3000/login -d "user=alice&password=open-sesame"  # 429, Retry-After
//   curl -i 127.0.0.1:3000/login -d "user=bob&password=open-sesame"    # 200, another account
import type { IncomingMessage } from 'node:http'
import express from 'express'
import { authRateLimit } from '../lib/browser.js'

interface LoginForm {
  readonly user?: string
  readonly password?: string
}

const app = express()

// Behind a proxy, say so: app.set('trust proxy', 1). Else all the world is one network.
app.use(express.urlencoded({ extended: false }))

const limit = authRateLimit('login', {
  // Not by account alone: then anybody could lock out anybody.
  account: (req) => formOf(req).user,
  failuresPerAccount: 3,
  // redis: new Redis(process.env.REDIS_URL), secret: process.env.LIMIT_SECRET shares the counts, by
  // HMACs of addresses and accounts; in an outage each process has its own.
})

app.post('/login', limit, (req, res) => {
  res.sendStatus(formOf(req).password === 'open-sesame' ? 200 : 401)
})

function formOf(req: IncomingMessage & { body?: LoginForm }): LoginForm {
  return req.body ?? {}
}

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
