import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Window } from './window.ts'

/** A promise that the test resolves. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('what waits outside takes no room, but the window is idle only when it has come back and ended', async () => {
  const window = new Window(1)
  const [answer, other] = [gate(), gate()]
  const steps: string[] = []
  await window.start(async () => {
    await window.outside(() => answer.opened)
    steps.push('first is back')
  })
  // There is room although the first has not ended.
  await window.start(async () => {
    steps.push('second')
    await other.opened
  })
  let idle = false
  const waiting = window.idle().then(() => {
    idle = true
  })
  answer.open()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([steps, idle], [['second'], false], 'it comes back when there is room again')
  other.open()
  await waiting
  assert.deepEqual(steps, ['second', 'first is back'])
})

test('one that fails outside gives the room back', async () => {
  const window = new Window(1)
  const failed = await new Promise((resolve) => {
    void window.start(async () => {
      await window.outside(() => Promise.reject(new Error('gone'))).catch(resolve)
    })
  })
  assert.equal((failed as Error).message, 'gone')
  await window.start(async () => {})
  await window.idle()
})
