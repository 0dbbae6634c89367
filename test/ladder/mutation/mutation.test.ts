import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEquivalent } from './equivalent.ts'
import { mutate } from './mutate.ts'

test('of the bugs that can be put into reach, fields, traits, profiles and segments 95 of 100 are told', async (context) => {
  const judged = await mutate(context, ['conditions'], (all) => {
    const [first] = all
    assert.ok(first !== undefined)
    return [
      ...all.filter((mutant) => !isEquivalent(mutant)),
      { ...first, key: 'no such place', place: 'no such place', kind: 'a change that changes nothing' },
    ]
  })
  const survivors = judged.filter(({ verdict }) => verdict === 'same' || verdict === 'unseen')
  const told = judged.length - survivors.length
  assert.ok(survivors.some(({ mutant }) => mutant.key === 'no such place'))
  assert.ok(judged.length > 180, `${judged.length} bugs`)
  const listed = survivors.map(({ mutant }) => `${mutant.family}: ${mutant.kind}: ${mutant.shown}`).join('\n')
  assert.ok(told >= 0.95 * (judged.length - 1), `${told} of ${judged.length - 1} told, but not\n${listed}`)
})
