import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { isMap, isScalar, LineCounter, type Pair, parseDocument, visit } from 'yaml'
import type { ProjectText } from '../../src/spec/join-files.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { readProject } from '../support/read-project.ts'

/**
 * Every key and every word of a fixed set in a valid project, misspelt in each of the ways in which people misspell:
 * always one error, at the very place, and nearly always with the word that was meant.
 */
const FILES = readProject(join(import.meta.dirname, 'valid/design-section-2'))

interface Word {
  readonly file: ProjectText
  readonly word: string
  readonly start: number
  readonly line: number
  readonly column: number
}

/** Under these keys the author chooses the keys. */
const FREE = new Set([
  'targets',
  'columns',
  'belongs_to',
  'ids',
  'identifiers',
  'profile',
  'match',
  'map',
  'settings',
  'types',
])
/** Values out of a fixed set. */
const FIXED = new Set(['type', 'send', 'pick', 'normalize', 'mode', 'on_remove', 'nulls'])

function wordsOf(file: ProjectText): readonly Word[] {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines })
  const words: Word[] = []
  const add = (node: unknown) => {
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return
    const { line, col: column } = lines.linePos(node.range[0])
    words.push({ file, word: node.value, start: node.range[0], line, column })
  }
  visit(document, {
    Pair(_, pair, path) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      const parent = path.findLast((node): node is Pair => isPairNode(node))
      const parentKey = isScalar(parent?.key) ? String(parent.key.value) : ''
      if (!(FREE.has(parentKey) && isMap(parent?.value) && path.at(-1) === parent.value)) add(pair.key)
      if (FIXED.has(key)) add(pair.value)
    },
  })
  return words
}

function isPairNode(node: unknown): node is Pair {
  return typeof node === 'object' && node !== null && 'key' in node && 'value' in node
}

/** A letter left out, doubled, swapped with the next, or replaced by another. */
function typosOf(word: string): readonly string[] {
  const middle = Math.floor(word.length / 2)
  const swapped = word.slice(0, middle - 1) + word[middle] + word[middle - 1] + word.slice(middle + 1)
  const typos = [
    word.slice(0, middle) + word.slice(middle + 1),
    word.slice(0, middle) + word[middle] + word.slice(middle),
    swapped,
    `${word.slice(0, -1)}x`,
  ]
  return typos.filter((typo) => typo !== word && typo.length > 1)
}

function misspelt(word: Word, typo: string): readonly ProjectText[] {
  const { file, start } = word
  const text = file.text.slice(0, start) + typo + file.text.slice(start + word.word.length)
  return FILES.map((one) => (one === file ? { ...one, text } : one))
}

test('every typo is one error, at its place, nearly always with the word that was meant', () => {
  const words = FILES.flatMap(wordsOf)
  const seen = new Set<string>()
  const wrong: string[] = []
  const unhelped: string[] = []
  let tried = 0
  for (const word of words)
    for (const typo of typosOf(word.word)) {
      const { errors } = parseProject('/project', misspelt(word, typo))
      const place = `${word.file.path}:${word.line}:${word.column}`
      // Another word of ours by chance: `min` for `max` is no typo that a parser could see.
      if (errors.length === 0) continue
      tried += 1
      const told = errors.map(
        ({ at, code, message }) => `${at?.file}:${at?.line}:${at?.column} ${code} ${message}`,
      )
      if (errors.length !== 1 || !told[0]?.startsWith(`${place} `))
        wrong.push(`${word.word} as ${typo}: ${told.join(' | ')}`)
      else if (!errors[0]?.hint?.includes(`"${word.word}"`))
        unhelped.push(`${word.word} as ${typo}: ${errors[0]?.hint}`)
      seen.add(word.word)
    }
  assert.ok(seen.size > 60 && tried > 700, `${seen.size} words, ${tried} typos`)
  assert.deepEqual(wrong, [])
  assert.ok(unhelped.length <= tried * 0.02, `${unhelped.length} of ${tried}:\n${unhelped.join('\n')}`)
})
