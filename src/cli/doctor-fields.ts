import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { DestinationError } from '../connector/errors.ts'
import { createHttpTools } from '../connector/http-client.ts'
import { resolveSettings, resolveUseSettings } from '../connector/settings.ts'
import type { Connection, ConnectorEntry, DestinationField } from '../connector/types.ts'
import type { BoundSync } from '../graph/graph.ts'
import { type Check, check } from '../inspect/doctor-check.ts'
import { resolveEnvText } from '../spec/env.ts'
import type { EnvText } from '../spec/project.ts'
import { fieldsError } from '../sync/check-fields.ts'
import type { Environment } from './flags.ts'

interface FieldOptions {
  readonly clock: Clock
  readonly env: Environment
  readonly directory: string
}

/** Whether the destination has the fields that a sync maps, and lets them be written. Asks it, and makes nothing there. */
export function fieldsCheck(bound: BoundSync, entry: ConnectorEntry, options: FieldOptions): Promise<Check> {
  const { sync, destination } = bound
  return check(`fields of ${sync.name}`, async () => {
    const fields = await fieldsOf(bound, entry, options)
    if (fields === undefined) return { message: `${destination.name} does not tell which it has` }
    const error = fieldsError(bound, fields)
    if (error !== undefined) throw error
    return { message: `${destination.name} has all ${sync.map.length} that are mapped` }
  })
}

async function fieldsOf(
  { sync, object, manifest, destination }: BoundSync,
  entry: ConnectorEntry,
  { clock, env, directory }: FieldOptions,
): Promise<readonly DestinationField[] | undefined> {
  const read = (text: EnvText) => resolveEnvText(text, env)
  const name = sync.to.object.value
  const written = { name: sync.name, settings: sync.settings, settingsAt: sync.to.object.at }
  const settings = resolveSettings(manifest, destination, read)
  const ofSync = resolveUseSettings(object, `${destination.name}.${name}`, written, read)
  const tools = createHttpTools({ clock, directory })
  let connection: Connection | undefined
  try {
    connection = (await entry.load()).connect(settings, tools, {
      object: name,
      settings: ofSync,
      looksOnly: true,
    })
    return await connection.fields?.()
  } catch (cause) {
    if (!(cause instanceof DestinationError)) throw cause
    throw new SluiceError('SLU5105', {
      message: `expected the destination "${destination.name}" to say which fields it has, found: ${cause.message}`,
      at: destination.settingsAt,
      hint: 'check its settings and credentials',
      cause,
    })
  } finally {
    await connection?.close?.()
    await tools.close()
  }
}
