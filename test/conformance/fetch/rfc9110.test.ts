// The lines of the standard once more, through `fetchGuard`.
import './host.js'
import '../rfc9110.test.js'
