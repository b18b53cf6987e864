const express = require('express')
const { authOf, requireBearer, requireScope } = require('express-resource-server')

const app = express()
const bearer = requireBearer({ issuer: process.env.ISSUER, audience: process.env.AUDIENCE })
app.use('/api', bearer)
app.get('/api/notes', requireScope('notes:read'), (req, res) => {
  res.json({ owner: authOf(req).subject, notes: [] })
})

module.exports = { app }
