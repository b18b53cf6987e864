// An app with tokens of its own: refresh tokens change at each use, and one that comes back ends the login.
//
//   npx tsx examples/15-refresh-families.ts
//
// It prints tokens of two logins. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $ACCESS"            # 200
//   curl -i 127.0.0.1:3000/token -d "refresh_token=$FIRST"                     # 400, it was used twice before
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $ACCESS"            # 401, the reuse ended it
//   curl -i 127.0.0.1:3000/token -d "refresh_token=$GOOD"                      # 200
//   curl -i 127.0.0.1:3000/token -d "refresh_token=$GOOD"                      # 200, the same successor
import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import { SignJWT } from 'jose'
import { authOf, jtiBlocklist, memoryRevocationStore, requireBearer } from '../lib/index.js'
import { memoryFamilyStore, refreshFamilies, type Family } from '../lib/session.js'

const issuer = 'https://api.example.com'
const secret = randomBytes(32)
const revocations = memoryRevocationStore()
const families = refreshFamilies(memoryFamilyStore(), {
  issuer,
  secrets: [process.env['REFRESH_SECRET'] ?? randomBytes(32)],
  revocations,
})

const accessToken = async ({ subject, sessionId }: Family): Promise<string> =>
  new SignJWT({ sid: sessionId, jti: randomUUID() })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(subject) // prettier-ignore
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(secret)

const app = express().use(express.urlencoded({ extended: false }))
app.post('/token', (req, res, next) => {
  const { refresh_token: token } = req.body as { refresh_token: string }
  const answer = async (): Promise<unknown> => {
    const rotated = await families.rotate(token, { clientId: 'app' })
    if (rotated.outcome === 'refused') return res.status(400).json({ error: 'invalid_grant' })
    const access = await accessToken(rotated.family)
    return res.json({ access_token: access, refresh_token: rotated.token })
  }
  answer().then(undefined, next)
})
app.use('/notes', requireBearer({ issuer, audience: issuer, secret }), jtiBlocklist(revocations))
app.get('/notes', (req, res) => void res.json({ reader: authOf(req).subject }))
app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

const logIn = () => families.start({ subject: 'alice', clientId: 'app', sessionId: randomUUID() })
const [stolen, good] = [await logIn(), await logIn()]
const second = await families.rotate(stolen.token, { clientId: 'app' })
if (second.outcome !== 'refused') await families.rotate(second.token, { clientId: 'app' })
const access = await accessToken(stolen.family)
console.log(`ACCESS=${access}\nFIRST=${stolen.token}\nGOOD=${good.token}`)
