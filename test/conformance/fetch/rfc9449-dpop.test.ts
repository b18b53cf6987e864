// The lines of the standard once more, through `fetchGuard`.
import { hostBy } from '../../../tools/api.js'

hostBy('fetch')
await import('../rfc9449-dpop.test.js')
