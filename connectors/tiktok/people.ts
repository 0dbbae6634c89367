import { DestinationError } from '../../src/connector/errors.ts'
import { type Identifier, identifiersOf, leavingOf, membership } from '../../src/connector/members.ts'
import { APPLIED, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { type Audience, SEVERAL_KINDS } from './audiences.ts'
import type { AudienceFile } from './upload.ts'

/** What is to be taken out and put in of the people of a batch, and what is told of them when both was done. */
export interface People {
  readonly out: readonly Identifier[]
  readonly into: readonly Identifier[]
  readonly receipts: readonly Receipt[]
}

/**
 * The same for the same batch. `refusal`: TikTok did not take anybody out for this reason, so those who should have left
 * are rejected, and not put in.
 */
export async function peopleOf(batch: Pick<Batch, 'changes'>, refusal?: string): Promise<People> {
  const out: Identifier[] = []
  const into: Identifier[] = []
  const receipts = await membership(batch as Batch, {
    takeOut: async (rows) => told(rows, leavingOf, out, refusal),
    putIn: async (rows) => told(rows, identifiersOf, into),
  })
  return { out, into, receipts }
}

/** One file a kind, so that every line is whole; each value is in it once. */
export function filesOf(people: readonly Identifier[], { type }: Audience): readonly AudienceFile[] {
  const kinds = [...HEADERS.keys()].filter((kind) => people.some((one) => one.kind === kind))
  if (type !== SEVERAL_KINDS) assertTakes(type, kinds)
  return kinds.map((kind) => {
    const values = new Set(people.filter((one) => one.kind === kind).map(({ parts: [value = ''] }) => value))
    return { type, lines: type === SEVERAL_KINDS ? [HEADERS.get(kind) ?? '', ...values] : [...values] }
  })
}

/** By what a project calls them: what stands above their column in a file. */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ['email', 'email_SHA256'],
  ['phone', 'phone_SHA256'],
  ['mobile_id', 'MAID_SHA256'],
])

/** Of audiences that somebody else made, whose files have one kind and no header. */
const KIND_OF_TYPE: ReadonlyMap<string, string> = new Map([
  ['EMAIL_SHA256', 'email'],
  ['PHONE_SHA256', 'phone'],
  ['IDFA_SHA256', 'mobile_id'],
  ['GAID_SHA256', 'mobile_id'],
  ['FIRST_SHA256', 'mobile_id'],
])

function assertTakes(type: string, kinds: readonly string[]): void {
  const taken = KIND_OF_TYPE.get(type)
  const others = kinds.filter((kind) => kind !== taken)
  if (others.length === 0) return
  throw new DestinationError('stop', {
    message: `expected an audience that takes ${others.join(' and ')}, found one of ${type}: leave them out of identifiers, or give the name of an audience that is not there yet`,
  })
}

/** Adds what the rows have to `people`. A row with a value that is no hash has nothing in it and is rejected. */
function told(
  rows: readonly Row[],
  valuesOf: (change: Change) => readonly Identifier[],
  people: Identifier[],
  refusal?: string,
): RowReceipts {
  return new Map(
    rows.map((row): [Row, Receipt] => {
      const values = valuesOf(row.change)
      const [wrong] = values.filter((value) => !isHash(value))
      if (wrong !== undefined)
        return [
          row,
          {
            status: 'rejected',
            error: `expected ${wrong.kind} to be a SHA-256 hash in lower-case hex, found something else`,
          },
        ]
      people.push(...values)
      return [row, refusal === undefined ? APPLIED : { status: 'rejected', error: refusal }]
    }),
  )
}

function isHash({ kind, parts }: Identifier): boolean {
  return HEADERS.has(kind) && parts.length === 1 && /^[0-9a-f]{64}$/.test(parts[0] ?? '')
}
