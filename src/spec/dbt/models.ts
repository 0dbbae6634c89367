import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Located } from '../../base/position.ts'
import type { DbtModel, Project, Source } from '../project.ts'
import type { DbtManifest, DbtNode } from './manifest.ts'

/** The enabled sources that are dbt models, and as which model. */
export function dbtSourcesOf({
  sources,
}: Project): readonly { readonly source: Source; readonly model: Located<string> }[] {
  return [...sources.values()].flatMap((source) =>
    source.enabled && source.relation.kind === 'dbt' ? [{ source, model: source.relation.model }] : [],
  )
}

/** The project with the table of every model that a source names; what has none is an error with its place. */
export function withDbtModels(
  project: Project,
  manifest: DbtManifest,
): { readonly project: Project; readonly errors: readonly SluiceError[] } {
  const errors: SluiceError[] = []
  const sources = new Map(project.sources)
  for (const { source, model } of dbtSourcesOf(project)) {
    const found = modelNamed(model, manifest)
    if (found instanceof SluiceError) errors.push(found)
    else sources.set(source.name, { ...source, relation: { kind: 'dbt', model, found } })
  }
  return { project: { ...project, sources }, errors }
}

function modelNamed({ value, at }: Located<string>, manifest: DbtManifest): DbtModel | SluiceError {
  const nodes = manifest.nodes.get(value) ?? []
  const built = nodes.filter(({ without }) => without !== 'disabled')
  const [only, ...others] = built
  if (others.length > 0) return ambiguous(value, at, built)
  if (only?.model !== undefined) return only.model
  if (only !== undefined)
    return new SluiceError('SLU1034', {
      message: `expected a dbt model that is a table or a view, found "${value}", which is ephemeral`,
      at,
      hint: 'give it another materialization in dbt, or name the model that reads it',
    })
  if (nodes.length > 0)
    return new SluiceError('SLU1034', {
      message: `expected a dbt model that is enabled, found "${value}", which is disabled`,
      at,
      hint: 'enable it in dbt, and make the manifest again: dbt parse',
    })
  return new SluiceError('SLU1032', {
    message: `expected the name of a model, seed or snapshot of the dbt project, found "${value}"`,
    at,
    hint: nearestHint(value, manifest.nodes.keys()) ?? 'is the manifest older than the model? dbt parse',
  })
}

function ambiguous(value: string, at: Located<string>['at'], nodes: readonly DbtNode[]): SluiceError {
  const packages = [...new Set(nodes.map((node) => node.package))].sort()
  return new SluiceError('SLU1033', {
    message: `expected one dbt model, found "${value}" in ${packages.join(' and ')}`,
    at,
    hint: `put the package before it: ${packages.map((one) => `${one}.${value}`).join(' or ')}`,
  })
}
