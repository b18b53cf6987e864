import Fastify from 'fastify'
import { authOf, requireBearer, requireScope } from 'express-resource-server'

/** A guard as a hook. Where it refuses it has answered, and Fastify is told to leave it so. */
const hook = (guard) => (request, reply, done) => {
  reply.raw.once('finish', () => reply.hijack())
  guard(request.raw, reply.raw, done)
}

const bearer = requireBearer({
  issuer: process.env.ISSUER ?? 'https://id.example.com',
  audience: process.env.AUDIENCE ?? 'https://api.example.com',
})

export const app = Fastify()
app.addHook('onRequest', hook(bearer))
app.get('/api/notes', { preHandler: hook(requireScope('notes:read')) }, (request) => ({
  owner: authOf(request.raw).subject,
  notes: [],
}))
