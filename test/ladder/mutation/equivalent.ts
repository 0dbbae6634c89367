import { EQUIVALENT_CANDIDATES } from './equivalent-candidates.ts'
import { EQUIVALENT_LIMITS } from './equivalent-limits.ts'
import { EQUIVALENT_PLANS } from './equivalent-plans.ts'
import { EQUIVALENT_RECORDS } from './equivalent-records.ts'
import { EQUIVALENT_STEPS, type Equivalent } from './equivalent-steps.ts'
import type { Mutant } from './mutants.ts'

/** Changes that change no answer whatever the rows are, each looked at by itself. */
const EQUIVALENT: readonly Equivalent[] = [
  {
    kind: 'join to left join',
    family: /^reach\./,
    shown: /join "customer_identity" as i on i/,
    reason: 'rows that reach nobody get no entity, and no profile, trait or segment asks for those',
  },
  {
    kind: 'nulls last to first',
    family: /^profile\./,
    shown: /c\.preference asc nulls last/,
    reason: 'the place of a column in `from` is a constant, never null',
  },
  {
    kind: 'nulls last to first',
    family: /^segment\./,
    shown: /moment nulls last, kind nulls last/,
    reason: 'rows without a time are left out of a sequence before, and the kind is a constant',
  },
  {
    kind: 'union all to union',
    family: /^profile\./,
    shown: /union all select r\."customer_id"/,
    reason: 'a candidate carries the key of its record, so that no two are the same',
  },
  {
    kind: 'union all to union',
    family: /^segment\./,
    shown: /union all select r\."customer_id"/,
    reason: 'of two rows of one kind at one time a sequence has the same choices as of one',
  },
  {
    kind: 'another text',
    family: /^reach\.customer\.people/,
    shown: /"updated"\) = 'VARCHAR'/,
    reason: 'a time that is no text is the same time by the longer way',
  },
  {
    kind: 'union all to union',
    family: /^profile\.\w+\.(?:field_rows|changes\.diff)$/,
    shown: /union all select c, e/,
    reason:
      'each part has its rows once, since keys of records are proven unique and others are grouped; and its source is in the hash',
  },
  {
    kind: 'join to left join',
    family: /^profile\.\w+\.(?:field_rows|changes\.diff)$/,
    shown: / as r join "\w+"\."\w+" as "p1"/,
    reason: 'the condition that follows asks for the key of the joined row',
  },
  {
    kind: 'nulls last to first',
    family: /^source\.\w+\.key_examples$/,
    shown: /records desc nulls last|"key_\d" nulls last/,
    reason: 'only keys that are there are counted',
  },
  {
    kind: 'where dropped',
    family: /^segment\./,
    shown: /as p where \(false\) is not/,
    reason: 'the condition is true for all',
  },
]

const ALL: readonly Equivalent[] = [
  ...EQUIVALENT,
  ...EQUIVALENT_STEPS,
  ...EQUIVALENT_LIMITS,
  ...EQUIVALENT_RECORDS,
  ...EQUIVALENT_PLANS,
  ...EQUIVALENT_CANDIDATES,
]

export function isEquivalent({ kind, family, shown }: Mutant): boolean {
  return ALL.some((one) => one.kind === kind && one.family.test(family) && one.shown.test(shown))
}
