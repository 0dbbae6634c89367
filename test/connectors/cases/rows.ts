import assert from 'node:assert/strict'
import { registerSecret } from '../../../src/base/redact.ts'
import type { Change, HeldRow } from '../../../src/connector/types.ts'
import { removalOf } from '../people.ts'
import { applied, rigOf, sorted, withText } from '../rig.ts'
import { secretsOf } from '../secrets.ts'
import { type Case, unless } from './case.ts'
import { erases, holdsFields, holdsPeople, isIdempotent, removes, takesChanges } from './rules.ts'

/** What becomes of rows when nothing goes wrong. */
export const ROW_CASES: readonly Case[] = [
  {
    id: 'account',
    sentence: 'an account is named, the same every time, and without a secret',
    async body(context, subject) {
      const { connection, fake, reconnect } = await rigOf(context, subject)
      const secrets = secretsOf(subject.entry.manifest, fake.settings)
      for (const secret of secrets) registerSecret(secret)
      const account = await connection.account()
      assert.ok(account.length > 0)
      assert.equal(await connection.account(), account)
      assert.equal(await (await reconnect()).account(), account)
      for (const secret of secrets) assert.ok(!account.includes(secret))
    },
  },
  {
    id: 'adds',
    sentence: 'added rows are there, each with what was sent of it',
    async body(context, subject) {
      const { write, held, asHeld, changes } = await rigOf(context, subject)
      const rows = changes(3)
      assert.deepEqual(await write(rows), applied(rows))
      assert.deepEqual(held(), asHeld(rows))
    },
  },
  {
    id: 'changes',
    sentence: 'a changed row has its new fields, and the others are as they were',
    notFor: unless(holdsFields, takesChanges),
    async body(context, subject) {
      const { write, held, asHeld, changes } = await rigOf(context, subject)
      const [first, second, third] = changes(3) as [Change, Change, Change]
      await write([first, second, third])
      const changed: Change = { ...second, op: 'change', fields: changes(1, 8)[0]?.fields ?? {} }
      assert.notDeepEqual(changed.fields, second.fields)
      assert.deepEqual(await write([changed]), applied([changed]))
      assert.deepEqual(held(), asHeld([first, changed, third]))
    },
  },
  {
    id: 'removal',
    sentence: 'a removed row is gone, the others stay, and the removal of what is not there is applied',
    notFor: removes,
    async body(context, subject) {
      const { write, held, asHeld, changes } = await rigOf(context, subject)
      const [first, second, third] = changes(3) as [Change, Change, Change]
      await write([first, second, third])
      const removal = removalOf(second)
      assert.deepEqual(await write([removal]), applied([removal]))
      assert.deepEqual(held(), asHeld([first, third]))
      const unknown = changes(2, 20).map(removalOf)
      assert.deepEqual(await write([...unknown, removal]), applied([...unknown, removal]))
      assert.deepEqual(held(), asHeld([first, third]))
    },
  },
  {
    id: 'erase',
    sentence: 'people are erased for good, each with a receipt, and others are not',
    notFor: erases,
    async body(context, subject) {
      const { write, connection, fake, changes, objectName } = await rigOf(context, subject)
      const rows = changes(3)
      await write(rows)
      const keys = rows.slice(0, 2).map(({ key }) => key)
      assert.ok(connection.erase !== undefined, 'the connection erases, as the manifest says')
      assert.deepEqual(await connection.erase(keys), applied(rows.slice(0, 2)))
      assert.deepEqual(fake.erased?.(objectName), keys)
    },
  },
  {
    id: 'unicode and null',
    sentence: 'values of any script, quotes and line ends arrive as they are, and null clears one',
    notFor: holdsFields,
    async body(context, subject) {
      const { write, held, asHeld, changes } = await rigOf(context, subject)
      const rows = changes(VALUES.length).map((change, index) =>
        withText(subject, change, VALUES[index] ?? null),
      )
      assert.deepEqual(await write(rows), applied(rows))
      assert.deepEqual(held().map(withoutEmpty), asHeld(rows).map(withoutEmpty))
      if (takesChanges(subject) !== undefined) return
      const cleared = rows.map((row): Change => ({ ...withText(subject, row, null), op: 'change' }))
      assert.deepEqual(await write(cleared), applied(cleared))
      assert.deepEqual(held().map(withoutEmpty), asHeld(cleared).map(withoutEmpty))
    },
  },
  {
    id: 'full batch',
    sentence: 'a full batch is taken, with one receipt a change',
    async body(context, subject) {
      const { write, held, changes, caps } = await rigOf(context, subject)
      const rows = changes(Math.min(caps.maxItems, MANY))
      assert.deepEqual(await write(rows), applied(rows))
      assert.equal(held().length, rows.length)
    },
  },
  {
    id: 'identifier left',
    sentence: 'a change that drops an identifier takes it out, and keeps the rest of the person',
    notFor: holdsPeople,
    async body(context, subject) {
      const { write, held, asHeld, changes } = await rigOf(context, subject)
      const [first, second, third, { identifiers: left = '' }] = changes(4) as [
        Change,
        Change,
        Change,
        Change,
      ]
      const both: Change = { ...second, identifiers: `${second.identifiers} ${left}` }
      await write([first, both, third])
      assert.deepEqual(sorted(held()), sorted(asHeld([first, both, third])))
      const changed: Change = { ...second, op: 'change', leaving: left }
      assert.deepEqual(await write([changed]), applied([changed]))
      assert.deepEqual(sorted(held()), sorted(asHeld([first, second, third])))
    },
  },
  {
    id: 'invalid entries',
    sentence: 'entries that the destination counts as invalid are told as a count, and reject no row',
    notFor: holdsPeople,
    async body(context, subject) {
      const { write, fake, changes, invalid } = await rigOf(context, subject)
      assert.ok(fake.countInvalid !== undefined, 'the fake does not only count what it does not take')
      await write(changes(1))
      assert.deepEqual(invalid, [])
      fake.countInvalid(2)
      const rows = changes(3, 1)
      assert.deepEqual(await write(rows), applied(rows))
      assert.deepEqual(invalid, [2])
    },
  },
  {
    id: 'empty batch',
    sentence: 'an empty batch is no request',
    notFor: ({ asJobs }) => (asJobs ? 'the engine starts no job without rows' : undefined),
    async body(context, subject) {
      const { write, sent } = await rigOf(context, subject)
      assert.deepEqual(await write([]), [])
      assert.equal(sent.length, 0)
    },
  },
  {
    id: 'twice',
    sentence: 'the same batch twice leaves the same state',
    notFor: isIdempotent,
    async body(context, subject) {
      const { write, held, changes } = await rigOf(context, subject)
      const rows = changes(3)
      await write(rows)
      const state = held()
      assert.deepEqual(await write(rows), applied(rows))
      assert.deepEqual(held(), state)
    },
  },
]

const VALUES = [
  'Zoë Ὀδυσσεύς 李 مرحبا 👩‍👩‍👧',
  '"quoted" \\ \'single\' </script>',
  'two\nlines\r\n\t\u2028',
  ' spaced ',
  '',
  null,
]

/** Larger caps are the engine's to keep; here it only matters that many rows fit in one batch. */
const MANY = 2000

/** Many APIs know no difference between an empty text, null and none. */
function withoutEmpty({ key, fields }: HeldRow): HeldRow {
  const values = Object.entries(fields).filter(([, value]) => value !== '' && value !== null)
  return { key, fields: Object.fromEntries(values) }
}
