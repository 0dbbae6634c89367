import { openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, textIn } from '../../src/connector/shapes.ts'
import type {
  AudienceStatus,
  Connection,
  Connector,
  ConnectorTools,
  ObjectUse,
  Settings,
} from '../../src/connector/types.ts'
import { AdAccount } from './account.ts'
import { PINTEREST_MANIFEST } from './manifest.ts'
import { type ListUse, writeRecords } from './records.ts'

export const connector: Connector = { manifest: PINTEREST_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection {
  const api = openApi({
    manifest: PINTEREST_MANIFEST,
    settings,
    tools,
    wordsOf: (json) => objectIn(json).message,
  })
  const account = new AdAccount(api, settings)
  const named = `ad account ${settings.ad_account}`
  if (use === undefined)
    return {
      account: async () => {
        await account.look()
        return named
      },
      write: async () => {
        throw new DestinationError('stop', { message: 'expected a sync with an audience, found none' })
      },
    }
  const list = listOf(account, use, tools)
  const audience = audienceFor(account, list)
  return {
    account: async () => {
      await list.id()
      // By its name: a list has no id before its first members, and whose rows these are must not change by then.
      return `${named}, audience ${list.name}`
    },
    write: async (batch) => {
      if (batch.count === 0) return []
      const receipts = await writeRecords(batch, list)
      await audience.ensure()
      return receipts
    },
    audienceStatus: () => statusOf(account, list),
  }
}

function listOf(account: AdAccount, { settings }: ObjectUse, tools: ConnectorTools): ListUse {
  const name = String(settings.audience)
  let known: string | undefined
  return {
    ...{ account, name, type: String(settings.list_type) },
    id: async () => {
      known ??= idIn((await account.list(name))?.id)
      return known
    },
    made: (listId) => {
      known = listId
    },
    onInvalid: (entries) => tools.onInvalid?.(entries),
  }
}

/** Makes the audience of a list that has none, asked for once. */
function audienceFor(account: AdAccount, list: ListUse): { ensure(): Promise<void> } {
  let isSettled = false
  return {
    ensure: async () => {
      if (isSettled) return
      const listId = await list.id()
      if (listId === undefined) return
      try {
        if ((await account.audienceOf(listId)) === undefined) await account.makeAudience(list.name, listId)
      } catch (error) {
        // A list that is too small or still at work may be refused: its members are in all the same, and the next run asks
        // again.
        if (!(error instanceof DestinationError) || error.action !== 'split') throw error
      }
      isSettled = true
    },
  }
}

/** Of the audience, or of the list where it fills none yet. */
async function statusOf(account: AdAccount, list: ListUse): Promise<AudienceStatus> {
  const listId = await list.id()
  if (listId === undefined) return {}
  const audience = await account.audienceOf(listId)
  const { size, status } = audience ?? (await account.list(listId)) ?? {}
  const state = textIn(status)
  return {
    ...(typeof size === 'number' ? { size } : {}),
    ...(state === undefined ? {} : { state }),
  }
}
