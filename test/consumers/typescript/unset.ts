import { requireBearer } from 'express-resource-server'

const { ISSUER, AUDIENCE } = process.env
requireBearer({ issuer: ISSUER, audience: AUDIENCE })
