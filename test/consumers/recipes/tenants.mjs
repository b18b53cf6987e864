import express from 'express'
import {
  authOf,
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from 'express-resource-server'

const { AUDIENCE = 'https://api.example.com' } = process.env
const { TENANTS = 'https://id.example.com/tenants/' } = process.env
const isTenant = async (issuer) => issuer !== `${TENANTS}closed` // your database

export const app = express()
const revocations = memoryRevocationStore()
const bearer = requireBearer({
  issuers: {
    allow: (issuer) => issuer.startsWith(TENANTS), // before any I/O
    resolve: async (issuer) => {
      if (await isTenant(issuer)) return { issuer, audience: AUDIENCE }
    },
  },
})

app.use('/api', bearer, jtiBlocklist(revocations))
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
app.post('/logout', bearer, logout(revocations))
