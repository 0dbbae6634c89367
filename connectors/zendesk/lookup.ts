import type { Api } from '../../src/connector/api.ts'
import type { Row } from '../../src/connector/rows.ts'
import { idIn, objectIn, objectsIn } from '../../src/connector/shapes.ts'
import type { Batch } from '../../src/connector/types.ts'

export type Kind = 'users' | 'organizations'

/** Zendesk's own ids of those that are there. */
export async function idsOf(
  api: Api,
  kind: Kind,
  rows: readonly Row[],
  batch?: Batch,
): Promise<ReadonlyMap<Row, string>> {
  const listed = rows.filter(isListable)
  const found = new Map<Row, string>()
  if (listed.length > 0) {
    const ids = listed.map(externalIdOf).join(',')
    const path = `/api/v2/${kind}/show_many`
    const { json } = await api.send({ method: 'GET', path, query: { external_ids: ids }, ...of(batch) })
    const known = byText(objectIn(json)[kind], 'external_id')
    for (const row of listed) keep(found, row, known.get(externalIdOf(row).toLowerCase()))
  }
  for (const row of rows) if (!isListable(row)) keep(found, row, await searched(api, kind, row, batch))
  return found
}

/** `show_many` takes them with commas between. */
function isListable({ change }: Row): boolean {
  const { external_id: id } = change.key
  return id !== undefined && !String(id).includes(',')
}

function externalIdOf({ change }: Row): string {
  return String(change.key.external_id)
}

async function searched(
  api: Api,
  kind: Kind,
  { change }: Row,
  batch: Batch | undefined,
): Promise<string | undefined> {
  const { external_id: external, email } = change.key
  const query =
    external === undefined
      ? { query: `email:"${String(email).replaceAll('"', '')}"` }
      : { external_id: String(external) }
  const { json } = await api.send({ method: 'GET', path: `/api/v2/${kind}/search`, query, ...of(batch) })
  // A search for an address finds longer ones too, and who has it as a second one.
  const [name, text] = external === undefined ? ['email', email] : ['external_id', external]
  return byText(objectIn(json)[kind], String(name)).get(String(text).toLowerCase())
}

function byText(found: unknown, name: string): ReadonlyMap<string, string> {
  return new Map(
    objectsIn(found).flatMap((one) => {
      const [text, id] = [idIn(one[name]), idIn(one.id)]
      return text === undefined || id === undefined ? [] : [[text.toLowerCase(), id]]
    }),
  )
}

function keep(found: Map<Row, string>, row: Row, id: string | undefined): void {
  if (id !== undefined) found.set(row, id)
}

function of(batch: Batch | undefined) {
  return batch === undefined ? {} : { batch }
}
