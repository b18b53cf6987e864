// Draws the pictures of docs/images/ that are no screens: `npm run docs:figures`. A test fails where one
// is out of date.
import { writeFileSync } from 'node:fs'
import { requestFigure } from '../tools/docs/figures/request.js'
import { revocationFigure } from '../tools/docs/figures/revocation.js'

writeFileSync('docs/images/request.svg', requestFigure())
writeFileSync('docs/images/revocation.svg', revocationFigure())
