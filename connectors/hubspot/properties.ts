import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { DestinationField } from '../../src/connector/types.ts'
import type { HubspotApi } from './api.ts'

/** Properties of a type of record; what HubSpot computes is not for writing. */
export async function propertiesOf(api: HubspotApi, object: string): Promise<readonly DestinationField[]> {
  const { json } = await api.send({ method: 'GET', path: `/crm/v3/properties/${encodeURIComponent(object)}` })
  const { results } = objectIn(json)
  if (!Array.isArray(results))
    throw new DestinationError('stop', {
      message: `expected HubSpot to list the properties of ${object}, found an answer without results`,
    })
  return objectsIn(results).flatMap(({ name, calculated, modificationMetadata }) => {
    const isReadOnly = objectIn(modificationMetadata).readOnlyValue === true
    return typeof name === 'string' ? [{ name, writable: !isReadOnly && calculated !== true }] : []
  })
}
