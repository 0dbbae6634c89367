import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { startFake, type TiktokFake } from '../../connectors/tiktok/fake.ts'
import { openEngine } from '../support/engines.ts'
import { FAST, type Lab, labOn } from '../support/sync-lab.ts'

/** Of runs that wait for no job longer than this. */
const IMPATIENT = { delivery: { ...FAST, asyncWaitMs: 50 } }

/** As many as TikTok keeps. */
const OTHERS: People = Object.fromEntries(
  Array.from({ length: 1000 }, (_, index) => [`p${index}`, [`p${index}`]]),
)

test('TikTok works all day on each file, and run after run the audience has who is in, and all that finds them', async (context) => {
  const { lab, fake, people } = await shop(context, {
    ...OTHERS,
    ...{ ada: ['ada'], bob: ['bob', 'bob2'], eve: ['eve'] },
  })
  fake.audiences.isSlow = true
  const first = await lab.sync('vips', IMPATIENT)
  assert.deepEqual([first.error, first.status, first.applied], [undefined, 'done', 1003])
  assert.deepEqual(heldBeside(fake), hashes(['ada', 'bob', 'bob2', 'eve']))

  // Bob has another second address, Eve leaves, Kim joins; TikTok still makes the audience.
  await people({ ...OTHERS, ada: ['ada'], bob: ['bob', 'bob3'], kim: ['kim'] })
  const second = await lab.sync('vips', IMPATIENT)
  assert.deepEqual([second.error, second.status], [undefined, 'pending'])
  assert.deepEqual(heldBeside(fake), hashes(['ada', 'bob', 'bob2', 'eve']))

  const statuses: string[] = []
  for (let day = 0; day < 10 && statuses.at(-1) !== 'done'; day += 1) {
    fake.audiences.settle()
    const { status, error } = await lab.sync('vips', IMPATIENT)
    assert.equal(error, undefined, error?.message)
    statuses.push(status)
  }
  assert.equal(statuses.at(-1), 'done', statuses.join(', '))
  assert.deepEqual(heldBeside(fake), hashes(['ada', 'bob', 'bob3', 'kim']))
  assert.equal(fake.audiences.all.length, 1)
})

test('who would leave fewer than 1,000 behind is held, and leaves when enough others came', async (context) => {
  const { lab, fake, people } = await shop(context, { ...OTHERS, ada: ['ada'] })
  fake.audiences.fewest = 1000
  assert.equal((await lab.sync('vips')).applied, 1001)
  const { p0: _, p1: __, ...rest } = OTHERS
  await people(rest)
  const held999 = await lab.sync('vips')
  assert.deepEqual([held999.status, held999.remove], ['done', 0])
  assert.match(lab.warnings.join('\n'), /3 who left the model stay in the audience \(below_fewest\)/)
  assert.equal(held(fake).length, 1001)
  await people({ ...rest, kim: ['kim'], lou: ['lou'] })
  // Who leaves goes first: while only these two come, too few would be there in between.
  assert.deepEqual((await lab.sync('vips')).remove, 0)
  const last = await lab.sync('vips')
  assert.deepEqual([last.error, last.remove, last.rejected], [undefined, 3, 0])
  assert.equal(held(fake).length, 1000)
})

/** By id, with their addresses. */
type People = Readonly<Record<string, readonly string[]>>

async function shop(
  context: TestContext,
  people: People,
): Promise<{ readonly lab: Lab; readonly fake: TiktokFake; people(people: People): Promise<void> }> {
  const fake = await startFake()
  context.after(() => fake.close())
  const warehouse = await openEngine('duckdb', context, {})
  const destinations = [{ name: 'tiktok', connector: 'tiktok', settings: fake.settings }]
  const yaml = `sources: [{name: people, table: people, primary_key: id}]
destinations: ${JSON.stringify(destinations)}
syncs:
  - name: vips
    source: people
    to: tiktok.audience
    mode: mirror
    match: {id: id}
    identifiers: {email: [email, email2]}
    settings: {audience: VIPs}
    guard: {max_remove: 100%, max_change: 100%}
`
  const lab = await labOn(warehouse, 'duckdb', yaml, { connectors: CONNECTORS })
  await lab.sql('create table people (id varchar, email varchar, email2 varchar)')
  const use = async (given: People) => {
    const rows = Object.entries(given).map(([id, addresses]) => {
      const [one, two] = [0, 1].map((at) =>
        addresses[at] === undefined ? 'null' : `'${addresses[at]}@example.com'`,
      )
      return `('${id}', ${one}, ${two})`
    })
    await lab.sql('delete from people', `insert into people values ${rows.join(', ')}`)
  }
  await use(people)
  return { lab, fake, people: use }
}

function held(fake: TiktokFake): readonly string[] {
  return fake
    .held('vips', 'audience')
    .map(({ key }) => String(key.email))
    .toSorted()
}

/** The same without the thousand who stay. */
function heldBeside(fake: TiktokFake): readonly string[] {
  const others = new Set(hashes(Object.keys(OTHERS)))
  return held(fake).filter((one) => !others.has(one))
}

function hashes(names: readonly string[]): readonly string[] {
  return names.map((name) => createHash('sha256').update(`${name}@example.com`).digest('hex')).toSorted()
}
