const express = require('express')
const { authOf, jtiBlocklist, requireBearer, requireScope } = require('express-resource-server')

exports.buildApp = ({ auth, revocations }) => {
  const app = express()
  app.use(requireBearer(auth), jtiBlocklist(revocations))
  app.get('/notes', requireScope('notes:read'), (req, res) => void res.json(authOf(req).subject))
  return app
}
