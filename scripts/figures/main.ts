// Draws docs/images/request.svg: `npm run docs:figures`. A test fails where it is out of date.
import { writeFileSync } from 'node:fs'
import { requestFigure } from './request.js'

writeFileSync('docs/images/request.svg', requestFigure())
