import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { identifiersOf, leavingOf } from '../../src/connector/members.ts'
import type { Change, HeldRow } from '../../src/connector/types.ts'
import type { Subject } from './subjects.ts'

/** A sample as the engine hands it over: what finds a person is hashed. */
export function addOf({ key, fields, plain = {} }: HeldRow): Change {
  const tokens = Object.entries(plain).map(([name, value]) => tokenOf(name, value))
  return { op: 'add', key, fields, ...(tokens.length === 0 ? {} : { identifiers: tokens.join(' ') }) }
}

/** The removal of a row that was added; of an audience with all that found the person. */
export function removalOf({ key, identifiers }: Change): Change {
  return { op: 'remove', key, fields: {}, ...(identifiers === undefined ? {} : { leaving: identifiers }) }
}

/** What the destination holds of these rows: one each, or of an audience one an identifier. */
export function asHeld({ definition }: Subject, rows: readonly Change[]): readonly HeldRow[] {
  if (definition.audience === undefined) return rows.map(({ key, fields }) => ({ key, fields }))
  return rows.flatMap((row) =>
    identifiersOf(row).map(({ kind, parts }) => ({ key: { [kind]: parts.join('|') }, fields: {} })),
  )
}

/** As people write what was hashed, by the names that `identifiers` of a sync uses: columns of the table. */
export function plainOf(change: Change): Readonly<Record<string, string>> {
  return Object.fromEntries(
    identifiersOf(change).map(({ kind, parts: [hash = ''] }) => [
      kind,
      PLAIN.get(hash) ?? assert.fail(`the suite hashed no such ${kind}`),
    ]),
  )
}

/** All that stands for the person in the change. */
export function hashesOf(change: Change): readonly string[] {
  return [...identifiersOf(change), ...leavingOf(change)].flatMap(({ parts }) => parts)
}

/** Addresses in the text that the suite hashed, so that they may be nowhere but in the warehouse's own tables. */
export function plainIn(text: string): readonly string[] {
  const known = new Set([...PLAIN.values()].map((one) => one.toLowerCase()))
  const addresses = text.toLowerCase().replaceAll('%40', '@').match(ADDRESS) ?? []
  return [...new Set(addresses)].filter((address) => known.has(address))
}

/** A long text without an address is read once, not once from each of its letters. */
const ADDRESS = /[\w.+-]{1,64}@[\w.-]{1,255}\w/g

/** By hash. */
const PLAIN = new Map<string, string>()

/** All platforms agree on what is hashed of an address without dots, tags and blanks. */
function tokenOf(name: string, value: string): string {
  assert.equal(name, 'email', 'samples for the suite are found by their e-mail address')
  const hash = createHash('sha256').update(value.trim().toLowerCase()).digest('hex')
  PLAIN.set(hash, value)
  return `${name}:${hash}`
}
