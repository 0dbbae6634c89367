import type { Api } from '../../src/connector/api.ts'
import { APPLIED, rowsOf } from '../../src/connector/rows.ts'
import type { Connection, ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'
import type { Accounts } from './accounts.ts'
import { stop } from './api.ts'
import { allowedBySettings, consentOf } from './consent.ts'
import { type EventRules, eventOf, sourceOf } from './event.ts'
import { jobText, pollJob, receiptOf } from './jobs.ts'
import { checkLetIn, handOver } from './requests.ts'

/** Conversions of one conversion action. */
export function connectEvents(
  api: Api,
  accounts: Accounts,
  tools: ConnectorTools,
  { settings }: ObjectUse,
): Connection {
  const action = () => conversionActionOf(settings)
  return {
    account: async () => {
      await checkLetIn(api)
      return `ad account ${accounts.name}, conversion action ${action()}`
    },
    write: () => Promise.reject(stop('expected events to be sent by jobs, found a batch to be written')),
    start: async (batch) => {
      const rules = rulesOf(settings, tools.clock.nowMs())
      const told = rowsOf(batch.changes()).map((row) => eventOf(row, rules))
      const events = told.flatMap(({ event }) => (event === undefined ? [] : [event]))
      if (events.length === 0) return { receipts: told.map(({ refusal = APPLIED }) => refusal) }
      const consent = consentOf(rules.allowed)
      const json = {
        destinations: [accounts.destination(action())],
        events,
        ...(consent === undefined ? {} : { consent }),
        encoding: 'HEX',
      }
      const requestId = await handOver(api, '/v1/events:ingest', json, batch)
      const { attempt = 1 } = batch
      return { jobId: jobText({ step: 'ingest', requestId, startedAtMs: rules.nowMs, attempt }) }
    },
    poll: (jobId, batch) =>
      pollJob(api, tools, jobId, batch, (changes, { startedAtMs }, fate) => {
        const rules = rulesOf(settings, startedAtMs)
        return rowsOf(changes).map((row) => eventOf(row, rules).refusal ?? receiptOf(fate, APPLIED))
      }),
  }
}

function rulesOf(settings: Settings, nowMs: number): EventRules {
  const source = sourceOf(settings.event_source)
  if (source !== undefined) return { allowed: allowedBySettings(settings), source, nowMs }
  throw stop(`expected event_source to be WEB, APP or the like, found "${String(settings.event_source)}"`)
}

function conversionActionOf({ conversion_action: action }: Settings): string {
  const id = String(action)
  if (/^\d+$/.test(id)) return id
  throw stop(`expected conversion_action to be the id of one, a number, found "${id}"`)
}
