const { resolve } = require('node:path')
require('./missing-peers.check.cjs')((subpath) => {
  const entry = require.resolve('express-resource-server/package.json')
  return require(resolve(entry, '../dist/cjs', `${subpath}.js`))
})
