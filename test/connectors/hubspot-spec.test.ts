import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startFake } from '../../connectors/hubspot/fake.ts'
import { connector } from '../../connectors/hubspot/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Change } from '../../src/connector/types.ts'
import { batchOf } from '../support/batches.ts'
import { schemaProblems } from '../support/open-api.ts'

/** The vendor's own description is not ours to ship; it is read where it stands, beside the checkout or as told. */
const SPECS = process.env.SPECS_DIR ?? join(import.meta.dirname, '../../../shared/specs')
const FILE = join(SPECS, 'hubspot', 'crm-contacts-v3.json')

test('every request of the HubSpot connector is one that HubSpot describes', async (context) => {
  if (!existsSync(FILE)) return context.skip("not run: the vendor's API description is not here")
  const description = JSON.parse(readFileSync(FILE, 'utf8'))
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connection = connector.connect(fake.settings, tools)
  const changes = [null, 1.5, true, 'ü', ['a', 'b']].map(
    (value, index): Change => ({
      op: 'add',
      key: { email: `p${index}@example.com` },
      fields: { city: value },
    }),
  )
  await connection.write(batchOf('contacts', changes))
  await connection.write({ ...batchOf('contacts', changes), mode: 'update' })
  await connection.write(
    batchOf(
      'contacts',
      changes.map(({ key }) => ({ op: 'remove', key, fields: {} })),
    ),
  )
  const requests = fake.server?.requests ?? []
  assert.deepEqual(
    requests.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
    ['upsert', 'update', 'read', 'archive'],
  )
  for (const request of requests) {
    const operation = description.paths[request.path]?.[request.method.toLowerCase()]
    assert.ok(operation, `${request.method} ${request.path} is described`)
    const schema = operation.requestBody.content['application/json'].schema
    assert.equal(request.headers['content-type'], 'application/json')
    assert.deepEqual(schemaProblems(JSON.parse(request.body), schema, description), [])
  }
})

test('the check of a description finds a missing key, an unknown one and a wrong type', () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string' },
      tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } },
    },
  }
  const description = { components: { schemas: { Tag: { type: 'string' } } } }
  assert.deepEqual(schemaProblems({ id: 'a', tags: ['b'] }, schema, description), [])
  assert.deepEqual(schemaProblems({ tags: [1], extra: 2 }, schema, description), [
    '/id: missing',
    '/tags/0: expected string, found number',
    '/extra: not described',
  ])
})
