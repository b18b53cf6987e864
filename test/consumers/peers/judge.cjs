const express = require('express')
const request = require('supertest')

/** With the optional peers installed, both halves use them. */
module.exports = async ({ strictCors, authRateLimit }) => {
  const origin = 'https://app.example.com'
  const app = express()
  app.use(strictCors({ trustedOrigins: [origin] }))
  app.post('/login', authRateLimit('login'), (_req, res) => void res.sendStatus(204))
  const login = () => request(app).post('/login').set('Origin', origin)
  await login().expect(204).expect('Access-Control-Allow-Origin', origin).expect('RateLimit', /./)
}
