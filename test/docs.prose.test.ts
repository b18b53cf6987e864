import { describe, expect, it } from '@jest/globals'
import { easeOf } from '../tools/docs/prose/ease.js'
import {
  faultsOfPage,
  faultsOfProse,
  faultsOfWords,
  faultsOfWidth,
} from '../tools/docs/prose/limits.js'
import { sentencesOf } from '../tools/docs/prose/markdown.js'
import { sentencesOfComments, sentencesOfSource } from '../tools/docs/prose/source.js'

/** A table of one row. */
const table = (...cells: string[]): string => `| ${cells.join(' | ')} |\n| --- | --- |\n`
const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')

describe('plain English', () => {
  it.each([
    ['What it throws is an outage.', 'clause as subject'],
    ['Never awaited; whatever it throws goes nowhere and stays there.', 'clause as subject'],
    ['Whoever has the token can use it.', 'clause as subject'],
    ['It need not be closed.', 'need not'],
    ['A tool needs not be listed.', 'need not'],
    ['Such a token is refused.', 'such'],
    ['A list of such lists.', 'such'],
    ['Of two of them, the later one is kept.', 'late subject'],
    ['So does everybody behind a proxy.', 'late subject'],
    ['It takes 2 us.', 'us: write'],
    [`A ${words(41)}.`, '42 words, not 40'],
  ])('objects to "%s"', (sentence, fault) => {
    expect(faultsOfProse([sentence])).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    ['What is an access token?'],
    ['Who acts for the subject.'],
    ['An issuer such as Keycloak.'],
    ['There is no such key.'],
    ['It does not need to be closed.'],
    [`A ${words(30)}; a ${words(30)}.`],
  ])('takes "%s"', (sentence) => {
    expect(faultsOfProse([sentence])).toEqual([])
  })

  it('is asked of comments, of their defaults and of messages, and not of scripts for Redis', () => {
    const source = [
      '/** Reads an option. Such a sentence. @default such a default as this */',
      '// A line that goes on',
      '// in the next one.',
      "export const MESSAGE = 'be one of such values'",
      "const NAME = 'such'",
      "const SCRIPT = `redis.call('GET', such a key)`",
      '/**',
      ' * A table is none:',
      ' *',
      ' * | such a | cell of it |',
      ' */',
    ].join('\n')
    expect(sentencesOfSource(source).filter((text) => text.includes('such a'))).toEqual([
      'such a default as this',
    ])
    expect(sentencesOfSource(source)).toContain('A line that goes on in the next one.')
    expect(sentencesOfSource(source)).toContain('be one of such values')
    expect(sentencesOfComments(source)).not.toContain('be one of such values')
    expect(sentencesOfComments(source)).toContain('A line that goes on in the next one.')
  })

  it('is asked of code beside lib/ only for its turns of speech, whatever the length', () => {
    const long = `${words(60)}.`
    expect(faultsOfWords([long, 'Such a token is refused.', 'Is such a token refused?'])).toEqual([
      expect.stringContaining('such'),
    ])
  })
})

describe('the reading ease of a page', () => {
  it('is LIX: words of a sentence, and words of more than six letters of a hundred', () => {
    const ease = easeOf(['One two three four.', 'Lengthy five six seven eight thousands.'])
    expect(ease).toEqual({ words: 10, perSentence: 5, lix: 25 })
  })

  it('is that of sentences alone, with a piece of code for one word', () => {
    const page = [
      '# A heading',
      'Call `a(b, c)` of [the page](https://h.test/x). Then end.',
      '- An item.',
      '| a | b |',
      '| --- | --- |',
      '| a cell | another |',
      '```ts',
      'const x = 1',
      '```',
    ].join('\n\n')
    expect(sentencesOf(page)).toEqual(['Call code of the page.', 'Then end.', 'An item.'])
  })

  it('is limited', () => {
    const hard =
      'Considerable institutional circumstances necessitate supplementary documentation. '
    expect(faultsOfPage(hard.repeat(3))).toEqual([expect.stringContaining('reading ease: LIX')])
  })
})

describe('the width of a page', () => {
  it.each([
    ['a table whose words leave no room', table('x'.repeat(60), 'y'.repeat(60)), 'a table of 128'],
    ['a cell that is a paragraph', table('a', words(60)), 'a cell of 299'],
    ['a line of code', `\`\`\`ts\n${'x'.repeat(121)}\n\`\`\`\n`, 'line 2: code of 121'],
  ])('objects to %s', (_name, page, fault) => {
    expect(faultsOfWidth(page)).toEqual([expect.stringContaining(fault)])
  })

  it.each([
    ['a table that can be broken at its spaces', table(words(40), words(40))],
    ['a link with a long target', table(`[a](https://h.test/${'x'.repeat(200)})`, 'b')],
    ['a listing of a terminal', `\`\`\`\n${'x'.repeat(121)}\n\`\`\`\n`],
  ])('takes %s', (_name, page) => {
    expect(faultsOfWidth(page)).toEqual([])
  })
})
