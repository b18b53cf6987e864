/** A turn of speech that is hard to read at once for somebody whose second language is English. */
export interface Pattern {
  readonly name: string
  readonly advice: string
  readonly found: RegExp
}

const VERBS = [
  'is|are|was|were|has|have|had|must|may|can|cannot|could|should|would|will|does|do|needs?',
  'throws|listens|waits|comes|came|stays|goes|gets|costs|counts|ends|passes|knows|spends|fetches|runs',
  'invents|shares|lets|begins|holds|takes|makes|gives|says|wants|allows|trusts|names|sends|reaches',
  'shows|differs|blames|grants|means|stands|belongs|proves|walks|answers|acts|sees|leaves|asks',
].join('|')
/** Between the two verbs of a label, as in "What a claim says that is missing". */
const JOINTS = 'that|when|where|before|while|which|who|until|after|as|but|however|whatever'

/** A clause with a verb, and then the verb of the sentence. A label such as "Who acts." has one verb. */
const CLAUSE_AS_SUBJECT = new RegExp(
  String.raw`(?:^|[;:] )(?:what(?:ever)?|who(?:ever)?)\b[^;:?]*?\b(?:${VERBS})\b(?:(?!\b(?:${JOINTS})\b)[^;:?,])*?(?<!\bto )\b(?:${VERBS})\b`,
  'i',
)

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'clause as subject',
    advice: 'name the subject in place of "what ..." or "who ..."',
    found: CLAUSE_AS_SUBJECT,
  },
  {
    name: 'need not',
    advice: 'say "does not need to", or name the thing that is not needed',
    found: /\bneeds? (?:it |they |we |he |one )?not\b/i,
  },
  {
    name: 'such',
    advice: 'say "like this", or name it',
    found: /(?<!\b(?:no|there is|there are) )\bsuch\b(?! as\b)/i,
  },
  { name: 'us', advice: 'write µs, which reads as microseconds', found: /\d us\b/ },
  {
    name: 'late subject',
    advice: 'begin with the subject',
    found: new RegExp(
      String.raw`^Of (?!all\b)[^,;:]+, .*\b(?:${VERBS})\b|^(?:so|nor|neither|never) (?:is|are|does|do|must|may|can|has|have) `,
      'i',
    ),
  },
]
