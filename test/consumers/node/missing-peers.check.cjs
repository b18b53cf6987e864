// A call of a function whose package is not there throws, and says what to install.
const assert = require('node:assert/strict')

module.exports = (load) => {
  const warnings = []
  process.on('warning', ({ message }) => warnings.push(message))
  const { authRateLimit, strictCors } = load('browser')
  strictCors({ trustedOrigins: ['https://app.example.com'] })
  authRateLimit('login')
  const { redisRevocationStore, redisSessionStore } = load('redis')
  redisSessionStore({ redis: 'redis://127.0.0.1:1' }).close()
  const store = redisRevocationStore({ redis: 'redis://127.0.0.1:1' })
  const ready = store.ready().then(
    () => assert.fail('there is no ioredis'),
    (error) => assert.match(String(error.cause?.message ?? error), /npm install ioredis/),
  )
  process.on('exit', () => {
    for (const [factory, name] of Object.entries({
      strictCors: 'cors',
      authRateLimit: 'express-rate-limit',
      redisSessionStore: 'ioredis',
    })) {
      assert(
        warnings.some(
          (warning) =>
            warning.startsWith(`${factory}: `) && warning.includes(`npm install ${name}`),
        ),
        `no warning of ${factory} names ${name}`,
      )
    }
  })
  return ready.finally(() => store.close())
}
