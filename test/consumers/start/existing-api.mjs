import express from 'express'
import { authOf, requireBearer, requireScope } from 'express-resource-server'

export const app = express()
app.get('/health', (_req, res) => void res.send('ok'))

const bearer = requireBearer({
  issuer: process.env.ISSUER ?? 'https://id.example.com',
  audience: process.env.AUDIENCE ?? 'https://api.example.com',
})
app.use('/api', bearer)

app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})
