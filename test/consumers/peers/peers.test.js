const { authRateLimit, strictCors } = require('express-resource-server/browser')
const judge = require('./judge.cjs')

test('Jest gives the CommonJS half its peers', () => judge({ authRateLimit, strictCors }))
