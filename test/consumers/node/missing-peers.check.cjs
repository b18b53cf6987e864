// A call of a function whose package is not there throws, and says what to install.
const assert = require('node:assert/strict')

module.exports = (load) => {
  const warnings = []
  process.on('warning', ({ message }) => warnings.push(message))
  const { authRateLimit, strictCors } = load('browser')
  strictCors({ trustedOrigins: ['https://app.example.com'] })
  authRateLimit('login')
  const store = load('redis').redisRevocationStore({ redis: 'redis://127.0.0.1:1' })
  const ready = store.ready().then(
    () => assert.fail('there is no ioredis'),
    (error) => assert.match(String(error.cause?.message ?? error), /npm install ioredis/),
  )
  process.on('exit', () => {
    for (const name of ['cors', 'express-rate-limit']) {
      assert(
        warnings.some((warning) => warning.includes(`Run npm install ${name}`)),
        `no warning names ${name}`,
      )
    }
  })
  return ready.finally(() => store.close())
}
