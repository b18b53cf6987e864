import serverlessExpress from '@codegenie/serverless-express'
import { judge } from './judge.js'

await judge((app) => serverlessExpress({ app }))
