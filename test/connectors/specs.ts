import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeRequest } from '../../src/connector/fake-server.ts'
import {
  type CheckedRequest,
  type CheckOptions,
  checkRequest,
} from '../support/descriptions/check-request.ts'
import type { Schema } from '../support/descriptions/closed-schema.ts'
import type { Operation } from '../support/descriptions/description.ts'
import type { OperationLimits } from '../support/descriptions/limits.ts'
import { operationsOf } from '../support/descriptions/operations.ts'
import { DESCRIBED_BY } from './described-by.ts'

/** The vendors' own descriptions are not ours to ship; they are read where they stand, beside the checkout or as told. */
const SPECS = process.env.SPECS_DIR ?? join(import.meta.dirname, '../../../shared/specs')

/** Undefined where the descriptions are not there: then nothing is held against them. */
export const NOT_RUN: string | undefined = existsSync(join(SPECS, 'limits.json'))
  ? undefined
  : "not run: the vendors' API descriptions are not here"

export interface SentRequest extends CheckedRequest {
  /** `POST /crm/v3/objects/contacts/batch/upsert`. */
  readonly name: string
  /** Why it may be one that is not described. */
  readonly exception: string | undefined
}

/** What a connector sent, held against what its vendor describes; nothing for a connector that none describes. */
export function checkSent(connector: string, requests: readonly FakeRequest[]): readonly SentRequest[] {
  const described = DESCRIBED_BY[connector]
  if (NOT_RUN !== undefined || described === undefined) return []
  const { operations, options } = specOf(connector)
  return requests.map((request) => {
    const name = `${request.method} ${request.path.split('?')[0]}`
    const exception = Object.entries(described.elsewhere ?? {}).find(([pattern]) =>
      new RegExp(`^${pattern}$`).test(name),
    )?.[1]
    if (exception !== undefined) return { name, exception, operation: undefined, problems: [] }
    return { name, exception, ...checkRequest(request, operations, options) }
  })
}

interface Spec {
  readonly operations: readonly Operation[]
  readonly options: CheckOptions
}

const specs = new Map<string, Spec>()

function specOf(connector: string): Spec {
  const known = specs.get(connector)
  if (known !== undefined) return known
  const { files, vendor = connector, ...options } = DESCRIBED_BY[connector] ?? { files: {} }
  const operations = Object.entries(files).flatMap(([file, reading]) =>
    operationsOf(JSON.parse(readFileSync(join(SPECS, file), 'utf8')) as Schema, reading),
  )
  const { ops } = JSON.parse(readFileSync(join(SPECS, 'limits.json'), 'utf8')) as {
    readonly ops: readonly OperationLimits[]
  }
  const spec = { operations, options: { ...options, limits: ops.filter((one) => one.vendor === vendor) } }
  specs.set(connector, spec)
  return spec
}
