import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLANKS_BUT_SPACE, INVISIBLE, NO_LETTERS } from './characters.ts'

const BASIC_PLANE = Array.from({ length: 0xffff }, (_, index) => index + 1)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

test('every white space of Unicode is listed', () => {
  const listed = `${BLANKS_BUT_SPACE}${INVISIBLE} `
  const missing = BASIC_PLANE.filter((one) => /[\s\p{Z}]/u.test(one) && !listed.includes(one))
  assert.deepEqual(missing, [])
  assert.deepEqual(
    [...BLANKS_BUT_SPACE].filter((one) => !/[\s\u0085]/.test(one)),
    [],
  )
  assert.deepEqual(
    [...INVISIBLE].filter((one) => !/\p{Cf}/u.test(one)),
    [],
  )
})

test('no letter is taken out of a name, and no sign or digit of Latin text stays', () => {
  // A joiner, a mark that lengthens an Arabic letter, and two apostrophes that Unicode counts as letters.
  const known = '\u200c\u200d\u0640\u02bb\u02bc'
  assert.deepEqual(
    [...NO_LETTERS].filter((one) => /[\p{L}\p{M}\p{C}]/u.test(one) && !known.includes(one)),
    [],
  )
  const missing = BASIC_PLANE.slice(0, 0xff).filter(
    (one) => /[\p{P}\p{S}\p{N}]/u.test(one) && !NO_LETTERS.includes(one),
  )
  assert.deepEqual(missing, [])
})

test('no character is listed twice', () => {
  for (const list of [BLANKS_BUT_SPACE + INVISIBLE, NO_LETTERS]) assert.equal(new Set(list).size, list.length)
})
