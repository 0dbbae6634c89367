import { test } from 'node:test'
import { isEquivalent } from './equivalent.ts'
import { sampleOf, stepKindOf } from './mutants.ts'
import { mutate } from './mutate.ts'

// npm run mutate [-- BUGS SEED SUITES]: so many bugs, drawn by a seed, for `conditions`, `identity` and `scene`.
const [bugs = '300', seed = '6', suites = 'conditions'] = process.argv.slice(2)

test(`${bugs} bugs of seed ${seed} in ${suites}`, async (context) => {
  const judged = await mutate(
    context,
    suites.split(','),
    (all) =>
      sampleOf(
        all.filter((mutant) => !isEquivalent(mutant)),
        Number(bugs),
        Number(seed),
      ),
    (suite, { mutant, verdict }) =>
      console.log([verdict, suite, stepKindOf(mutant), mutant.family, mutant.kind, mutant.shown].join(' | ')),
  )
  const told = judged.filter(({ verdict }) => verdict === 'broken' || verdict === 'different').length
  console.log(`${told} of ${judged.length} told (${((100 * told) / judged.length).toFixed(1)}%)`)
})
