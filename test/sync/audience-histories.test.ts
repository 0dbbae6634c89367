import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAdPlatform } from '../support/audience-destination.ts'
import { CONTACTS_TABLE } from '../support/audience-scene.ts'
import { forEachEngine, openEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { openLab } from '../support/sync-lab.ts'
import { PROJECT, playAudience, playAudienceEdges, SHARED, wanted } from './audience-history.ts'

/** Enough for people to merge, split, share and leave many times over, few enough for tests. */
const STEPS = 14
const SEEDS = { duckdb: [1, 2], postgres: [4] } as const

forEachEngine((engine, open) => {
  for (const seed of SEEDS[engine])
    test(`${engine}: whatever happens to people and requests, the audience ends as the model is (seed ${seed})`, async (context) => {
      const ads = makeAdPlatform()
      const lab = await openLab(context, engine, open, PROJECT, ads.connectors)
      await lab.sql(CONTACTS_TABLE)
      const clean: Parameters<typeof playAudience>[3]['clean'] = (contacts, told) =>
        assert.deepEqual([...(ads.held.get('VIPs') ?? [])].sort(), wanted(contacts), told)
      await playAudience(lab, ads, { random: new Random(seed), steps: STEPS }, { ran: () => {}, clean })
    })
})

test('two syncs of one audience, with consent, waiting rows and numbers in every form, do the same on PostgreSQL as on DuckDB', async (context) => {
  const told: string[][] = []
  for (const engine of ['duckdb', 'postgres'] as const) {
    const ads = makeAdPlatform()
    const lab = await openLab(context, engine, (one) => openEngine(engine, one), SHARED, ads.connectors)
    await lab.sql(CONTACTS_TABLE)
    const lines: string[] = []
    await playAudienceEdges(lab, ads, (line) => lines.push(line))
    told.push(lines)
  }
  const [duckdb = [], postgres] = told
  for (const reason of ['consent', 'no_identifier', 'retry_later'])
    assert.ok(duckdb.join(' ').includes(reason), `${reason} is met`)
  assert.deepEqual(postgres, duckdb)
})
