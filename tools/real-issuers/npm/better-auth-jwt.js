// better-auth with its plugin "jwt" alone: JWTs of sessions, and no authorization server. PORT
import { createServer } from 'node:http'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { betterAuth } from 'better-auth'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

const { PORT } = process.env
const database = { user: [], session: [], account: [], verification: [], jwks: [] }
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: 'a secret of the tests, which protects nothing',
  database: memoryAdapter(database),
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  plugins: [jwt()],
})
createServer(toNodeHandler(auth)).listen(Number(PORT), '127.0.0.1')
