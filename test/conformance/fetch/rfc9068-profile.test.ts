// The lines of the standard once more, through `fetchGuard`.
import './host.js'
import '../rfc9068-profile.test.js'
