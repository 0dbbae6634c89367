import type { Located } from '../base/position.ts'
import type { CandidateRule, Identity, IdentitySource } from '../spec/project.ts'
import type { Scope } from './scope.ts'

/** Facts of records, and the rules that compare them. */
export function checkCandidates(scope: Scope, identity: Identity): void {
  for (const records of identity.from) checkFacts(scope, identity, records)
  const compared = identity.from.filter((records) => !isEvent(scope, records)).map(namesOf)
  const known = new Set(compared.flatMap((names) => [...names]))
  const taken = new Set(identity.identifiers.keys())
  for (const rule of identity.candidates) {
    checkName(scope, rule, taken)
    const wanted = [rule.compare, ...rule.blockBy.map(({ of }) => of)]
    const strange = wanted.filter(({ value }) => !known.has(value))
    for (const one of strange) tellStrange(scope, one, known)
    const carried = compared.some((names) => wanted.every(({ value }) => names.has(value)))
    if (strange.length === 0 && !carried) tellScattered(scope, rule, wanted)
  }
}

function isEvent(scope: Scope, { source }: IdentitySource): boolean {
  return scope.project.sources.get(source.value)?.occurredAt !== undefined
}

function namesOf({ ids, facts }: IdentitySource): ReadonlySet<string> {
  return new Set([...ids.map(({ type }) => type.value), ...facts.map(({ name }) => name.value)])
}

function checkFacts(scope: Scope, { identifiers }: Identity, records: IdentitySource): void {
  const [first] = records.facts
  if (first !== undefined && isEvent(scope, records))
    scope.report.error('SLU2028', {
      message: `expected facts of records, found those of ${records.source.value}, whose rows are events`,
      at: first.name.at,
      hint: 'take "facts" out: records are compared, and events are not',
    })
  for (const { name } of records.facts)
    if (identifiers.has(name.value))
      scope.report.error('SLU2027', {
        message: `expected another name for the fact, found "${name.value}", which is an identifier type`,
        at: name.at,
        hint: 'rules of candidates may name identifier types too: take the fact out, or rename it',
      })
}

/** Rules and identifier types stand in one column of `<entity>_refused`. */
function checkName(scope: Scope, { name }: CandidateRule, taken: Set<string>): void {
  if (taken.has(name.value))
    scope.report.error('SLU2027', {
      message: `expected another name for the rule, found "${name.value}", which another rule or an identifier type has`,
      at: name.at,
      hint: 'rename it',
    })
  taken.add(name.value)
}

function tellStrange(scope: Scope, { value, at }: Located<string>, known: ReadonlySet<string>): void {
  scope.report.error('SLU2026', {
    message: `expected a fact or identifier type of records, found "${value}"`,
    at,
    hint: scope.hint(value, known) ?? 'add it to the "facts" of a source in "from" that has no "occurred_at"',
  })
}

function tellScattered(scope: Scope, rule: CandidateRule, wanted: readonly Located<string>[]): void {
  const names = [...new Set(wanted.map(({ value }) => value))].join(', ')
  scope.report.error('SLU2026', {
    message: `expected a source whose records carry all of ${names}, found none`,
    at: rule.name.at,
    hint: 'records are compared that have what is compared and everything in "block_by"',
  })
}
