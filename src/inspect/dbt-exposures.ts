import type { Graph } from '../graph/graph.ts'
import type { DbtModel, Sync } from '../spec/project.ts'

/** A sync as dbt sees it: something outside of dbt that needs models. */
export interface Exposure {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly owner: { readonly name: string } | { readonly email: string }
  /** `ref('model')`, in order of letters. */
  readonly dependsOn: readonly string[]
}

/** An exposure of each of these syncs that dbt models reach, in the project's order. */
export function dbtExposures(graph: Graph, syncIds: readonly string[]): readonly Exposure[] {
  return syncIds.flatMap((id) => {
    const sync = graph.project.syncs.get(graph.nodes.get(id)?.name ?? '')
    if (sync === undefined) return []
    const dependsOn = [...new Set(modelsOf(graph, id).map(refText))].sort()
    return dependsOn.length === 0 ? [] : [exposureOf(graph, sync, dependsOn)]
  })
}

/** A file of a dbt project: the same text for the same project. */
export function exposuresText(exposures: readonly Exposure[]): string {
  const lines = exposures.flatMap(({ name, label, description, owner, dependsOn }) => [
    `  - name: ${name}`,
    `    label: ${quoted(label)}`,
    '    type: application',
    `    description: ${quoted(description)}`,
    '    owner:',
    ...Object.entries(owner).map(([key, value]) => `      ${key}: ${quoted(value)}`),
    '    depends_on:',
    ...dependsOn.map((ref) => `      - ${ref}`),
  ])
  return [
    '# Written by `sluice export dbt-exposures`: a change made here is lost the next time.',
    'version: 2',
    exposures.length === 0 ? 'exposures: []' : 'exposures:',
    ...lines,
  ].join('\n')
}

function modelsOf(graph: Graph, id: string): readonly DbtModel[] {
  const reached = new Set([id])
  for (const one of reached) for (const need of graph.nodes.get(one)?.needs ?? []) reached.add(need)
  return [...reached].flatMap((one) => {
    const node = graph.nodes.get(one)
    const relation = node?.kind === 'source' ? graph.project.sources.get(node.name)?.relation : undefined
    return relation?.kind === 'dbt' && relation.found !== undefined ? [relation.found] : []
  })
}

function refText({ ref }: DbtModel): string {
  const words = [...(ref.package === undefined ? [] : [ref.package]), ref.name].map((word) => `'${word}'`)
  const version = /^\d+$/.test(ref.version ?? '0') ? ref.version : `'${ref.version}'`
  return `ref(${[...words, ...(version === undefined ? [] : [`v=${version}`])].join(', ')})`
}

function exposureOf(graph: Graph, sync: Sync, dependsOn: readonly string[]): Exposure {
  const { project } = graph
  const { from, to, mode, owner, description } = sync
  const connector = project.destinations.get(to.destination.value)?.connector.value
  const what = `Sluice sends ${from.kind} ${from.name.value} to ${to.destination.value}.${to.object.value} (${connector}), mode ${mode.value}.`
  return {
    // dbt's names are of one whole dbt project, which several projects of ours may read.
    name: `${project.name}_${sync.name}`,
    label: sync.name,
    description: description === undefined ? what : `${description.trim()}\n\n${what}`,
    // dbt takes none without an owner.
    owner: owner?.includes('@') === true ? { email: owner } : { name: owner ?? project.name },
    dependsOn,
  }
}

/** A text in JSON's form is one of YAML too. Jinja that stands in it must stay a text for dbt. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('{{', '{ {').replaceAll('{%', '{ %').replaceAll('{#', '{ #')
}
