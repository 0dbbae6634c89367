import { createHash } from 'node:crypto'
import type { Batch, Change, JsonValue, ObjectDefinition } from '../../src/connector/types.ts'

export interface Sample {
  readonly object: string
  readonly definition: ObjectDefinition
}

/** `count` adds of different rows that the object takes: keyed by the first of its keys. */
export function changesFor({ definition }: Sample, count: number): readonly Change[] {
  const key = definition.keys?.[0] ?? 'email'
  return Array.from({ length: count }, (_, index) => ({
    op: 'add',
    key: { [key]: `person-${index}-canary@example.com` },
    fields: fieldsOf(index),
  }))
}

/** As the engine makes them: the text comes from the warehouse, the objects from the text. */
export function batchOf(object: string, changes: readonly Change[]): Batch {
  const changesJson = JSON.stringify(changes)
  return {
    sync: 'conformance',
    runId: '0123456789abcdef',
    object,
    mode: 'upsert',
    batch: 1,
    count: changes.length,
    changesJson,
    changes: () => JSON.parse(changesJson),
    idempotencyKey: createHash('sha256').update(changesJson).digest('hex'),
  }
}

function fieldsOf(index: number): Readonly<Record<string, JsonValue>> {
  return { firstname: `Firstname-${index}-canary`, city: `City-${index}-canary` }
}
