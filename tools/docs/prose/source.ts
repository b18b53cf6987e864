// What files of code say in words: comments, and the texts of messages.
import { parse, type ParseResult, type ParserOptions } from '@babel/parser'
import { plain, sentences } from './markdown.js'

const PARSER: ParserOptions = {
  sourceType: 'module',
  plugins: ['typescript', 'decorators-legacy'],
  tokens: true,
}
/** A shorter text is a name, a header or a piece of one. */
const LEAST_WORDS = 4

/** Sentences of the comments and the string literals of a file. */
export function sentencesOfSource(source: string): string[] {
  const { comments, tokens } = parse(source, PARSER)
  const literals = (tokens ?? []).flatMap(
    (token: { type?: { label?: string }; value?: unknown }) =>
      ['string', 'template'].includes(token.type?.label ?? '') &&
      typeof token.value === 'string' &&
      !/\bredis\.p?call|\n/.test(token.value)
        ? [token.value]
        : [],
  )
  return told([...textsOf(comments), ...literals])
}

/** Those of the comments alone. */
export function sentencesOfComments(source: string): string[] {
  return told(textsOf(parse(source, PARSER).comments))
}

function told(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => sentences(plain(text)))
    .filter((text) => text.split(' ').length >= LEAST_WORDS)
}

/** Comments of one line each that follow one another are one text. */
function textsOf(comments: ParseResult['comments']): string[] {
  const found = (comments ?? [])
    .filter(({ value }) => !value.includes('oxlint-'))
    .map(({ type, value }) => ({ value, line: type === 'CommentLine' }))
  const joined = found.reduce<string[]>((texts, { value, line }, index) => {
    const continues = line && found[index - 1]?.line === true && !/^ ?[A-Z]/.test(value)
    if (continues) texts.push(`${texts.pop() ?? ''} ${value}`)
    else texts.push(value)
    return texts
  }, [])
  return joined.flatMap(paragraphs)
}

/** Of a docstring: what comes before its tags, without tables and code. */
function paragraphs(comment: string): string[] {
  const text = comment.replace(/^\*/, '').replaceAll(/^\s*\* ?/gm, '')
  const [prose = '', ...tags] = text.split(/(?<!\S)@(?=[a-z]+\b)/)
  const said = tags.filter((tag) => tag.startsWith('default ')).map((tag) => tag.slice(8))
  return [prose.replaceAll(/^\|.*$/gm, ''), ...said].flatMap((part) => part.split(/\n\s*\n/))
}
