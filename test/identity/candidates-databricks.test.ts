import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabricksLike } from '../support/cloud/databricks-like.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {name: name, zip: zip}}]
      identifiers: {zip: {max_records: 1}, name: {normalize: text}}
      candidates:
        - {name: twins, compare: name, block_by: [zip], similarity: {edit_distance: 2}}
        - {name: linked, compare: name, block_by: [zip], similarity: {edit_distance: 1}, link: true}
`

test('databricks: records whose names are a few bytes apart are found, and linked where that is asked', async (context) => {
  const lab = await openIdentityLab(await openDatabricksLike(context), YAML)
  await lab.load(
    'people',
    ['id', 'name', 'zip'],
    [
      ['1', 'martha smith', '75001'],
      ['2', 'marta smith', '75001'],
      ['3', 'marhta smyt', '75001'],
      ['4', 'martha smith 2', '69002'],
      // one letter apart, and two bytes
      ['5', 'jürgen', '10115'],
      ['6', 'jurgen', '10115'],
    ],
  )
  await lab.build()
  const pairs = await lab.rows(
    'select rule, record_id_a, record_id_b, score from sluice.person_candidates order by rule, record_id_a, record_id_b',
  )
  const found = pairs.map(({ rule, record_id_a, record_id_b, score }) => {
    const ids = [record_id_a, record_id_b].map(String).sort().join('-')
    return `${rule} ${ids} ${score}`
  })
  assert.deepEqual(found.sort(), ['linked 1-2 1', 'twins 5-6 2'])
  const people = await lab.rows('select count(distinct person_id) as n from sluice.person_identity')
  assert.deepEqual(people, [{ n: 5 }])
})
