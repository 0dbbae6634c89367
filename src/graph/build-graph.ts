import { SluiceError } from '../base/errors.ts'
import type { Warning } from '../base/warning.ts'
import type { Manifest } from '../connector/types.ts'
import type { Definition, Project, Sync } from '../spec/project.ts'
import { checkConsent } from './check-consent.ts'
import { checkDestinations } from './check-destinations.ts'
import { checkEntities } from './check-entities.ts'
import { RowChecks } from './check-rows.ts'
import { checkCycles, checkSegments } from './check-segments.ts'
import { checkSources } from './check-sources.ts'
import { checkSyncs } from './check-syncs.ts'
import { checkTraits } from './check-traits.ts'
import { familiesOf, familyKey, warnOfSharedFields } from './families.ts'
import type { BoundSync, Graph } from './graph.ts'
import { nodePartsOf } from './node-parts.ts'
import { fingerprintOfAll, nodesOf } from './nodes.ts'
import { objectOf } from './objects.ts'
import { Scope } from './scope.ts'
import { modelOf } from './sync-model.ts'

export interface BuiltGraph {
  /** Undefined when there is any error. */
  readonly graph: Graph | undefined
  /** All of them, by file and line. */
  readonly errors: readonly SluiceError[]
  readonly warnings: readonly Warning[]
}

/**
 * A parsed project with every reference resolved and checked, against the manifests of the connectors that there are.
 * Disabled definitions are not in the graph's project.
 */
export function buildGraph(project: Project, manifests: ReadonlyMap<string, Manifest>): BuiltGraph {
  const scope = new Scope(project, manifests)
  const rows = new RowChecks(scope)
  checkTargets(scope)
  checkSources(scope)
  checkEntities(scope, rows)
  checkTraits(scope, rows)
  checkSegments(scope, rows)
  checkCycles(scope)
  checkDestinations(scope)
  checkSyncs(scope, rows)
  checkConsent(scope)
  warnOfSharedFields(scope)
  const { errors, warnings } = scope.report
  return { graph: errors.length > 0 ? undefined : graphOf(scope, warnings), errors, warnings }
}

/** Names are checked with the text; here only that the target is not disabled. */
function checkTargets(scope: Scope): void {
  const { defaultTarget, targets, profileTargets } = scope.project
  if (defaultTarget !== undefined)
    scope.resolve('target', defaultTarget, new Map<string, Definition>([...targets, ...profileTargets]))
}

function graphOf(scope: Scope, warnings: readonly Warning[]): Graph {
  const { project, manifests, ways } = scope
  const nodes = nodesOf(nodePartsOf(scope))
  const families = familiesOf(scope)
  return {
    project,
    manifests,
    nodes,
    order: [...nodes.keys()],
    fingerprint: fingerprintOfAll(nodes.values()),
    warnings,
    reach(source, entity, via) {
      const found = ways.find(source, entity, via)
      return found.kind === 'one' ? found.reach : undefined
    },
    bound(name) {
      const sync = project.syncs.get(name)
      if (sync === undefined) throw unknownSync(name)
      return boundSync(scope, sync, families.get(familyKey(sync)) ?? [])
    },
  }
}

function boundSync({ project, manifests }: Scope, sync: Sync, family: readonly Sync[]): BoundSync {
  const destination = project.destinations.get(sync.to.destination.value)
  const manifest = manifests.get(destination?.connector.value ?? '')
  const object = objectOf(project, manifests, sync)
  if (destination === undefined || manifest === undefined || object === undefined)
    throw unknownSync(sync.name)
  return {
    ...{ sync, destination, manifest, object },
    ...modelOf(project, sync),
    family: family.map((one) => one.name).filter((other) => other !== sync.name),
  }
}

function unknownSync(name: string): SluiceError {
  return new SluiceError('SLU9001', { message: `expected the graph to know the sync, found "${name}"` })
}
