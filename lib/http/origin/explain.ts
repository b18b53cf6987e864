import { isSafeMethod, type OriginFacts, type OriginRefusal } from './judge-origin.js'

/** What the guard that refuses can be told to do otherwise. */
export interface Remedies {
  /** The custom header, in lower case. */
  readonly headerName: string
  /** Whether the guard has an option `exempt`. */
  readonly exempts?: boolean
}

/** Why a request was refused, and what can help in this very request: a wrong piece of advice costs a day. */
export function explainRefusal(
  refusal: OriginRefusal,
  facts: OriginFacts,
  remedies: Remedies,
): string {
  if (refusal === 'csrf_origin_missing') {
    return `Neither Sec-Fetch-Site nor Origin came, but a cookie did, or a token that a proxy adds. A client that is no browser can send the custom header ${remedies.headerName}`
  }
  const site = `Sec-Fetch-Site is ${facts.secFetchSite ?? 'absent'}`
  const sender = `Origin is ${facts.origin ?? 'absent'}`
  const came =
    refusal === 'csrf_cross_site'
      ? `${site}, ${sender}.`
      : `${sender}, Host is ${facts.host ?? 'absent'}, ${site}.`
  return `${came} ${adviceFor(refusal, facts, remedies)}`
}

function adviceFor(refusal: OriginRefusal, facts: OriginFacts, remedies: Remedies): string {
  const { secFetchSite, secFetchMode, origin } = facts
  if (secFetchSite === 'none') {
    return 'The user went there by hand, which "refuseUserNavigation" refuses'
  }
  if (isSafeMethod(facts.method, facts.originalMethod)) return adviceForRead(facts)
  if (secFetchMode === 'navigate') return adviceForForm(facts, remedies)
  if (origin === undefined)
    return 'No browser sends that without an Origin: leave Sec-Fetch-Site out'
  if (origin === 'null') return NULL_ORIGIN
  return refusal === 'csrf_cross_site'
    ? TRUST
    : 'Behind a proxy, set "origin" to the public origin; add other front ends to "trustedOrigins"'
}

const TRUST = 'If that is your front end, add it to "trustedOrigins"'

const NULL_ORIGIN =
  'It is sent for sandboxed frames, for files, and behind redirects across origins, and cannot be trusted: send the request from a page with an origin'

/** An image, a script or a frame is loaded without Origin, unless its element asks for CORS. */
function adviceForRead({ origin, secFetchMode, secFetchDest }: OriginFacts): string {
  if (origin !== undefined && origin !== 'null') return TRUST
  if (secFetchMode === 'navigate') {
    return `A foreign page shows it in a frame (${secFetchDest ?? 'no Sec-Fetch-Dest'}). "isolateReads: false" allows that`
  }
  return `A foreign page loaded it (${secFetchDest ?? 'no Sec-Fetch-Dest'}). If that is yours, give the element the attribute crossorigin, so that an Origin comes for "trustedOrigins"; or set "isolateReads: false"`
}

/** Most often a login: the identity provider lets the browser post its answer (`form_post`). */
function adviceForForm({ origin }: OriginFacts, { exempts = false }: Remedies): string {
  const callback = exempts
    ? 'A foreign page sent a form. If it answers a login (form_post) or a payment, put the path into "exempt"'
    : 'A foreign page sent a form. If it answers a login (form_post) or a payment, mount its route before this guard'
  return origin === undefined || origin === 'null'
    ? callback
    : `${callback}; if the page is your own, add it to "trustedOrigins"`
}
