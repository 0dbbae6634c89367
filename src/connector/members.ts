import { APPLIED, inOrder, type Row, type RowReceipts, rowsOf } from './rows.ts'
import type { Batch, Change, Receipt } from './types.ts'

/** What finds a person: `{kind: 'email', parts: ['<hash>']}`. Several parts find somebody together only. */
export interface Identifier {
  readonly kind: string
  readonly parts: readonly string[]
}

/** All that finds the person now, each once, in the order of the manifest and then of the values. */
export function identifiersOf({ identifiers }: Change): readonly Identifier[] {
  return identifiersIn(identifiers)
}

/** What is to be taken out of the audience, each once. */
export function leavingOf({ leaving }: Change): readonly Identifier[] {
  return identifiersIn(leaving)
}

/**
 * One receipt a change of an audience, in order. What leaves is taken out first, of people who stay too; then all that
 * the others have is put in, because a platform may know the same person by what left. A row that does neither is
 * applied: others have all that it had. A row whose leaving was not applied is not put in.
 */
export async function membership(
  batch: Batch,
  work: {
    readonly takeOut: (rows: readonly Row[]) => Promise<RowReceipts>
    readonly putIn: (rows: readonly Row[]) => Promise<RowReceipts>
  },
): Promise<readonly Receipt[]> {
  const rows = rowsOf(batch.changes())
  const leaves = ({ change }: Row) => (change.leaving ?? '') !== ''
  const stays = ({ change }: Row) => change.op !== 'remove' && (change.identifiers ?? '') !== ''
  const leaving = rows.filter(leaves)
  const out = new Map(leaving.length > 0 ? await work.takeOut(leaving) : [])
  const staying = rows.filter((row) => stays(row) && (!leaves(row) || out.get(row)?.status === 'applied'))
  const into = staying.length > 0 ? await work.putIn(staying) : []
  const idle = rows.filter((row) => !leaves(row) && !stays(row))
  return inOrder(rows, [...idle.map((row) => [row, APPLIED] as const), ...out, ...into])
}

/** `email:<hash> phone:<hash> address:<hash>|<hash>|FR|75001`: values never have a blank, `|` or `%` of their own. */
function identifiersIn(text: string | undefined): readonly Identifier[] {
  if (text === undefined || text === '') return []
  return [...new Set(text.split(' '))].map((one) => {
    const end = one.indexOf(':')
    return {
      kind: one.slice(0, end),
      parts: one
        .slice(end + 1)
        .split('|')
        .map(decodeURIComponent),
    }
  })
}
