import { type Api, type ApiAnswer, type Judgement, openApi } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, ConnectorTools, Settings } from '../../src/connector/types.ts'
import { GOOGLE_SHEETS_MANIFEST } from './manifest.ts'

type Answer = Readonly<Record<string, unknown>>

/** One spreadsheet. Paths begin after its id. */
export interface SpreadsheetApi {
  readonly id: string
  /** Undefined: the spreadsheet has nothing of that name. */
  read(path: string, batch?: Batch): Promise<Answer | undefined>
  /** All of the requests, or none of them. */
  update(requests: readonly object[], batch: Batch): Promise<Answer>
}

export function openSheets(settings: Settings, tools: ConnectorTools): Api {
  return openApi({ manifest: GOOGLE_SHEETS_MANIFEST, settings, tools, judge, wordsOf })
}

export function spreadsheetOf(api: Api, id: string): SpreadsheetApi {
  const root = `/v4/spreadsheets/${encodeURIComponent(id)}`
  return {
    id,
    read: async (path, batch) => {
      // What is read is named by the project and not by rows, so halving a batch would not help.
      const request = { method: 'GET', path: `${root}${path}`, answers: [400] } as const
      const { status, json } = await api.send(batch === undefined ? request : { ...request, batch })
      return status === 400 ? undefined : objectIn(json)
    },
    update: async (requests, batch) => {
      const { json } = await api.send({
        method: 'POST',
        path: `${root}:batchUpdate`,
        json: { requests },
        batch,
      })
      return objectIn(json)
    },
  }
}

/** Without a spreadsheet at hand: that one that cannot be is not found is told only to who is let in. */
export async function checkLetIn(api: Api): Promise<void> {
  await api.send({ method: 'GET', path: '/v4/spreadsheets/none?fields=spreadsheetId', answers: [404] })
}

/** An answer that is not of the described shape says nothing of what was asked. */
export function broken(what: string): DestinationError {
  return new DestinationError('retry', {
    message: `expected Google Sheets to answer with ${what}, found none`,
    ambiguous: true,
  })
}

/** A full spreadsheet and a protected range refuse every row alike. */
function judge({ status, json }: ApiAnswer): Judgement | undefined {
  return status === 400 && OF_THE_SHEET.test(wordsOf(json) ?? '') ? { action: 'stop' } : undefined
}

const OF_THE_SHEET = /above the limit of [\d,]+ cells|protected cell/i

function wordsOf(json: unknown): string | undefined {
  return textIn(objectIn(objectIn(json).error).message)
}
