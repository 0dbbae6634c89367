import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenGuard, type GuardedFigures, tooManyRejected } from './guards.ts'

const NO_LIMITS = {
  maxRemove: undefined,
  maxChange: undefined,
  minRows: undefined,
  maxHeld: undefined,
  maxRejected: undefined,
}

function figures(changes: Partial<GuardedFigures>): GuardedFigures {
  return {
    modelRows: 1000,
    snapshotRows: 1000,
    add: 0,
    change: 0,
    remove: 0,
    left: 0,
    unchanged: 0,
    held: 0,
    heldBy: {},
    batches: 0,
    refused: 0,
    ...changes,
  }
}

test('by default a fifth of the snapshot may leave, and ten rows whatever their share', () => {
  assert.equal(brokenGuard(NO_LIMITS, figures({ remove: 200 })), undefined)
  assert.deepEqual(brokenGuard(NO_LIMITS, figures({ remove: 201 })), {
    name: 'max_remove',
    limit: '20%',
    value: 201,
  })
  assert.equal(brokenGuard(NO_LIMITS, figures({ snapshotRows: 12, remove: 10 })), undefined)
  assert.equal(brokenGuard(NO_LIMITS, figures({ snapshotRows: 12, remove: 11 }))?.value, 11)
})

test('a limit that the project states is taken as it stands', () => {
  const guard = { ...NO_LIMITS, maxRemove: { kind: 'percent', value: 5 } } as const
  assert.equal(brokenGuard(guard, figures({ snapshotRows: 100, remove: 5 })), undefined)
  assert.equal(brokenGuard(guard, figures({ snapshotRows: 100, remove: 6 }))?.limit, '5%')
  assert.equal(
    brokenGuard({ ...NO_LIMITS, maxRemove: { kind: 'rows', value: 0 } }, figures({ remove: 1 }))?.limit,
    0,
  )
})

test('people who withdrew their consent leave outside max_remove', () => {
  assert.equal(brokenGuard(NO_LIMITS, figures({ remove: 900, refused: 800 })), undefined)
})

test('an empty model stops a sync that had rows, and no first one', () => {
  assert.deepEqual(brokenGuard(NO_LIMITS, figures({ modelRows: 0 })), {
    name: 'min_rows',
    limit: 1,
    value: 0,
  })
  assert.equal(brokenGuard(NO_LIMITS, figures({ modelRows: 0, snapshotRows: 0 })), undefined)
})

test('percentages say nothing of an empty snapshot', () => {
  const guard = { ...NO_LIMITS, maxHeld: { kind: 'percent', value: 1 } } as const
  assert.equal(brokenGuard(guard, figures({ snapshotRows: 0, held: 500, add: 1 })), undefined)
  assert.equal(brokenGuard(guard, figures({ held: 500, add: 1 }))?.name, 'max_held')
})

test('held rows stop no sync that has nothing to send', () => {
  const guard = { ...NO_LIMITS, maxHeld: { kind: 'rows', value: 100 } } as const
  for (const changes of [{ add: 1 }, { change: 1 }, { remove: 1 }])
    assert.equal(brokenGuard(guard, figures({ held: 500, ...changes }))?.name, 'max_held')
  assert.equal(brokenGuard(guard, figures({ held: 500 })), undefined)
})

test('max_change counts changes only', () => {
  const guard = { ...NO_LIMITS, maxChange: { kind: 'percent', value: 50 } } as const
  assert.equal(brokenGuard(guard, figures({ add: 900, change: 500 })), undefined)
  assert.equal(brokenGuard(guard, figures({ change: 501 }))?.name, 'max_change')
})

test('rejects are a share of what was sent, and ten are let through by default', () => {
  assert.equal(tooManyRejected(NO_LIMITS, 10, 20), undefined)
  assert.equal(tooManyRejected(NO_LIMITS, 11, 20)?.name, 'max_rejected')
  assert.equal(tooManyRejected(NO_LIMITS, 100, 10_000), undefined)
  assert.equal(tooManyRejected({ ...NO_LIMITS, maxRejected: { kind: 'rows', value: 0 } }, 1, 10)?.limit, 0)
})
