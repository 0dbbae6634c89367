import { SluiceError } from '../base/errors.ts'
import type { RunContext } from '../build/run-context.ts'
import { defaultsOf } from '../connector/defaults.ts'
import { DestinationError } from '../connector/errors.ts'
import type { ConnectorEntry, ConnectorFake, Manifest } from '../connector/types.ts'
import type { Graph } from '../graph/graph.ts'
import type { Lease, Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open.ts'
import type { SandboxFake } from '../sync/destination.ts'

/** Where a sync of the sandbox sends to, by the destination's name. */
export type SandboxFakes = ReadonlyMap<string, SandboxFake>

/** Every table of a sandbox begins so; no table of a project does. */
const PREFIX = 'sandbox_'

/**
 * Lends `work` a run whose ledger is empty and beside the real one, and the settings of fakes that were started for the
 * destinations of these syncs. Whatever happens, the fakes are closed and every table of the ledger is dropped: nothing
 * of the real ledger, or of what is published, is written. One sandbox at a time in a state schema: what a killed one
 * left is dropped first. Throws SLU5001 (busy) while another one lives, after `run.waitMs`.
 */
export async function inSandbox<T>(
  run: RunContext,
  syncs: readonly string[],
  connectors: ReadonlyMap<string, ConnectorEntry>,
  work: (sandbox: RunContext, fakes: SandboxFakes) => Promise<T>,
): Promise<T> {
  const { ledger, lease } = await openSandbox(run)
  const started: ConnectorFake[] = []
  const fakes = new Map<string, SandboxFake>()
  const close = async () => {
    for (const fake of started) await fake.close()
    await lease.release()
    await ledger.dropPrefixed()
  }
  let result: T
  try {
    for (const [name, entry] of destinationsOf(run.graph, syncs, connectors)) {
      const fake = await startFake(name, entry)
      started.push(fake)
      fakes.set(name, withDefaults(fake, entry.manifest))
    }
    result = await work({ ...run, ledger }, fakes)
  } catch (error) {
    // What went wrong first is what people must see.
    await close().catch(() => {})
    throw error
  }
  await close()
  return result
}

/** Throws SLU5109 for a connector that has none. */
async function startFake(destination: string, entry: ConnectorEntry): Promise<ConnectorFake> {
  try {
    return await (await entry.loadFake())()
  } catch (cause) {
    if (!(cause instanceof DestinationError)) throw cause
    throw new SluiceError('SLU5109', {
      message: `${cause.message} (destination "${destination}")`,
      hint: 'leave its syncs out of the sandbox: --exclude NAME',
      cause,
    })
  }
}

/** Of the settings of a sync a fake says those that it needs; the others are as where a project says nothing. */
function withDefaults(fake: ConnectorFake, { objects }: Manifest): SandboxFake {
  const { settings } = fake
  if (fake.useOf === undefined) return { settings }
  const ofObject = (object: string) => defaultsOf((objects[object] ?? objects['*'])?.settings)
  return { settings, useOf: (object) => ({ ...ofObject(object), ...fake.useOf?.(object) }) }
}

async function openSandbox(run: RunContext): Promise<{ readonly ledger: Ledger; readonly lease: Lease }> {
  const { warehouse, templates, target, graph, clock, runId } = run
  const ledger = openLedger({
    warehouse,
    templates,
    stateSchema: target.stateSchema,
    project: graph.project.name,
    target: target.name,
    clock,
    tablePrefix: PREFIX,
  })
  if (!warehouse.exclusive) await waitForOthers(run, ledger)
  await ledger.dropPrefixed()
  return { ledger, lease: await ledger.acquire('sandbox', runId, 0) }
}

const POLL_MS = 1000
const USUAL_WAIT_MS = 60_000

async function waitForOthers(run: RunContext, ledger: Ledger): Promise<void> {
  const { clock } = run
  const giveUpAt = clock.monotonicMs() + (run.waitMs ?? USUAL_WAIT_MS)
  for (;;) {
    const other = (await ledger.leases()).find(({ expired }) => !expired)
    if (other === undefined) return
    const restMs = giveUpAt - clock.monotonicMs()
    if (restMs <= 0 || run.signal.aborted)
      throw new SluiceError('SLU5001', {
        message: `expected no other sandbox in the state schema "${run.target.stateSchema}", found the one of run ${other.runId}`,
        hint: 'try again when it has ended, or wait for it: --wait 10m',
      })
    await clock.sleep(Math.min(restMs, POLL_MS), run.signal)
  }
}

function destinationsOf(
  graph: Graph,
  syncs: readonly string[],
  connectors: ReadonlyMap<string, ConnectorEntry>,
): ReadonlyMap<string, ConnectorEntry> {
  return new Map(
    syncs.map((name) => {
      const { destination, manifest } = graph.bound(name)
      const entry = connectors.get(manifest.name)
      if (entry !== undefined) return [destination.name, entry]
      throw new SluiceError('SLU9001', {
        message: `expected the connector "${manifest.name}" to be registered, found it is not`,
      })
    }),
  )
}
