import serverless from 'serverless-http'
import { judge } from './judge.js'

await judge((app) => serverless(app))
