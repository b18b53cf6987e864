// An app as `doctor --config` finds it, in CommonJS.
const express = require('express')
const { requireBearer } = require('express-resource-server')

const app = express()
app.use(requireBearer({ issuer: 'https://id.example.com', audience: 'https://api.example.com' }))

module.exports = { app }
