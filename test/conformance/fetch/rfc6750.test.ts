// The lines of the standard once more, through `fetchGuard`.
import './host.js'
import '../rfc6750.test.js'
