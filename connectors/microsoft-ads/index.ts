import { type Api, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn } from '../../src/connector/shapes.ts'
import type {
  AudienceStatus,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { customerLists, listOf } from './customer-list.ts'
import { judge, wordsOf } from './faults.ts'
import { MICROSOFT_ADS_MANIFEST } from './manifest.ts'
import { writeUserData } from './user-data.ts'

export const connector: Connector = { manifest: MICROSOFT_ADS_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    manifest: MICROSOFT_ADS_MANIFEST,
    settings,
    tools,
    headers: {
      developertoken: String(settings.developer_token),
      customerid: String(settings.customer_id),
      customeraccountid: String(settings.account_id),
    },
    judge,
    wordsOf,
  })
  const list = listIdOf(api, use)
  const account = `ad account ${settings.account_id}`
  return {
    account: async () => {
      const listId = await list()
      return listId === undefined ? account : `${account}, audience ${listId}`
    },
    write: async (batch) => {
      if (batch.count === 0) return []
      const listId = await list()
      const acceptsTerms = settings.accept_customer_match_terms === true
      if (listId !== undefined) return writeUserData(api, batch, { listId, acceptsTerms })
      throw new DestinationError('stop', { message: 'expected a sync with an audience, found none' })
    },
    audienceStatus: async () => statusOf(api, await list()),
  }
}

/** Asked for once, until it is there. Without a use, only the credentials are tried. */
function listIdOf(api: Api, use: ObjectUse | undefined): () => Promise<string | undefined> {
  let known: string | undefined
  let asked: Promise<string | undefined> | undefined
  const ask = async () => {
    if (use === undefined) await customerLists(api)
    else known = await listOf(api, use)
    return known
  }
  return async () => {
    if (known !== undefined) return known
    asked ??= ask().finally(() => {
      asked = undefined
    })
    return asked
  }
}

/** Sizes are there about 48 hours after the first members. */
async function statusOf(api: Api, listId: string | undefined): Promise<AudienceStatus> {
  const list = (await customerLists(api)).find(({ Id }) => idIn(Id) === listId)
  const [size] = [list?.SearchSize, list?.AudienceNetworkSize].flatMap(sizeIn)
  return size === undefined ? {} : { size }
}

/** A number, or a text of digits. */
function sizeIn(value: unknown): readonly number[] {
  const text = idIn(value)
  return text !== undefined && /^\d+$/.test(text) ? [Number(text)] : []
}
