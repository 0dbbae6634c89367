import { appendFileSync } from 'node:fs'
import { env, stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline'

// What a user's own program does, in the plainest way: a line in, a line out. Started by fake.ts, imports nothing of ours.
for await (const line of createInterface({ input: stdin })) stdout.write(`${JSON.stringify(answer(line))}\n`)

interface Told {
  readonly type: string
  readonly sync: string
  readonly changes: readonly { readonly key: Readonly<Record<string, unknown>> }[]
}

function answer(line: string): object {
  const told: Told = JSON.parse(line)
  if (told.type === 'describe') return { type: 'described', protocol: 1, account: 'fake program' }
  if (told.type !== 'write') return { type: 'failed', action: 'stop', error: 'unknown type' }
  return { type: 'receipts', receipts: told.changes.map((change) => take(told.sync, change)) }
}

function take(sync: string, change: Told['changes'][number]): object {
  const { email } = change.key
  if (typeof email === 'string' && !email.includes('@'))
    return { status: 'rejected', error: `${email} is no address` }
  appendFileSync(env.JOURNAL ?? '', `${JSON.stringify({ sync, change })}\n`)
  return { status: 'applied' }
}
