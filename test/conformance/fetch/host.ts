import { hostBy } from '../../../tools/api.js'

hostBy('fetch')
