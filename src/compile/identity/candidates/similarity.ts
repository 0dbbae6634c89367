import { SluiceError } from '../../../base/errors.ts'
import type { Dialect } from '../../../dialect/dialect.ts'
import type { Fragment } from '../../../dialect/fragment.ts'
import { DIALECTS } from '../../../dialect/registry.ts'
import type { Entity, Similarity } from '../../../spec/project.ts'

/** What the rules of these entities ask for and the warehouse does not have, each with its place. */
export function missingSimilarities(dialect: Dialect, entities: Iterable<Entity>): readonly SluiceError[] {
  const asked = [...entities].flatMap(({ identity }) => identity?.candidates ?? [])
  return asked.flatMap(({ similarity }) =>
    dialect.similarity[similarity.kind] === undefined ? [missing(dialect, similarity)] : [],
  )
}

/** Throws: SLU4203 where the warehouse does not have it. */
export function scoreOf(dialect: Dialect, similarity: Similarity, a: Fragment, b: Fragment): Fragment {
  const score = dialect.similarity[similarity.kind]
  if (score === undefined) throw missing(dialect, similarity)
  return dialect.fn.asFloat(score(a, b))
}

function missing({ name, similarity }: Dialect, { kind, at }: Similarity): SluiceError {
  const others = Object.values(DIALECTS).filter((one) => one.similarity[kind] !== undefined)
  const has = Object.keys(similarity)
  return new SluiceError('SLU4203', {
    message: `expected a similarity that ${name} has (${has.length === 0 ? 'none' : has.join(', ')}), found "${kind}"`,
    at,
    hint: `take the rule of "candidates" out, or build on ${others.map((one) => one.name).join(' or ')}`,
  })
}
