import { test } from 'node:test'
import { isEquivalent } from './equivalent.ts'
import { type Judged, sampleOf, stepKindOf } from './mutants.ts'
import { isTold, mutate } from './mutate.ts'
import { SUITE_NAMES } from './suites.ts'

// npm run mutate [-- BUGS SEED SUITES]: so many bugs (`all`), drawn by a seed, and looked for in these suites.
const [bugs = '300', seed = '6', suites = SUITE_NAMES.join(',')] = process.argv.slice(2)

test(`${bugs} bugs of seed ${seed} in ${suites}`, async (context) => {
  const judged = await mutate(
    context,
    suites.split(','),
    (all) => {
      const real = all.filter((mutant) => !isEquivalent(mutant))
      console.log(`${all.length} bugs, of which ${all.length - real.length} change no answer`)
      return sampleOf(real, bugs === 'all' ? real.length : Number(bugs), Number(seed))
    },
    (suite, one) => console.log(lineOf(suite, one)),
  )
  for (const [kind, ofKind] of Map.groupBy(judged, ({ mutant }) => stepKindOf(mutant))) {
    console.log(`${kind}: ${shareOf(ofKind)}`)
    for (const one of ofKind) if (!isTold(one)) console.log(lineOf('left', one))
  }
  console.log(shareOf(judged))
})

function shareOf(judged: readonly Judged[]): string {
  const told = judged.filter(isTold).length
  return `${told} of ${judged.length} told (${((100 * told) / judged.length).toFixed(1)}%)`
}

function lineOf(suite: string, { mutant, verdict }: Judged): string {
  return [verdict, suite, stepKindOf(mutant), mutant.family, mutant.kind, mutant.shown].join(' | ')
}
