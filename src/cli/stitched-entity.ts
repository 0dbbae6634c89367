import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Entity, Project } from '../spec/project.ts'

/** The entity that a question about identity is about: the one named, else the only one. Throws: SLU7006. */
export function stitchedEntity(project: Project, name: string | undefined): Entity {
  const stitched = [...project.entities.values()].filter((entity) => entity.identity !== undefined)
  const [only] = stitched
  if (name === undefined && stitched.length === 1 && only !== undefined) return only
  const named = stitched.find((entity) => entity.name === name)
  if (named !== undefined) return named
  throw new SluiceError('SLU7006', {
    message:
      name === undefined
        ? `expected the name of an entity, found ${stitched.length} entities with an identity`
        : `expected an entity with an identity, found "${name}"`,
    hint: nearestHint(
      name ?? '',
      stitched.map((entity) => entity.name),
    ),
  })
}
