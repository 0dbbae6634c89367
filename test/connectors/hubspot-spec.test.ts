import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FakeRequest } from '../../src/connector/fake-server.ts'
import type { Change } from '../../src/connector/types.ts'
import { add, asked, portal, remove } from '../support/hubspot.ts'
import { schemaProblems } from '../support/open-api.ts'

/** The vendor's own descriptions are not ours to ship; they are read where they stand, beside the checkout or as told. */
const SPECS = join(process.env.SPECS_DIR ?? join(import.meta.dirname, '../../../shared/specs'), 'hubspot')
const FILES = ['crm-contacts-v3', 'crm-companies-v3', 'crm-lists-v3', 'crm-objects-v3', 'oauth-v3'].map(
  (name) => join(SPECS, `${name}.json`),
)

/** In no description that is here: its documentation has an example of the answer. */
const UNDESCRIBED = [/^\/account-info\/v3\/details$/, /^\/crm\/v3\/properties\//]

test('every request of the HubSpot connector is one that HubSpot describes', async (context) => {
  if (!FILES.every((file) => existsSync(file)))
    return context.skip("not run: the vendor's API descriptions are not here")
  const descriptions = FILES.map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const { connect, server } = await portal(context, { isInstalled: true })
  for (const [object, key] of [
    ['contacts', 'email'],
    ['companies', 'company_key'],
    ['deals', 'deal_key'],
    ['2-1234567', 'vin'],
  ] as const) {
    const { connection, write } = connect(object)
    const changes = VALUES.map(
      (value, index): Change => add({ [key]: `p${index}@example.com` }, { city: value }),
    )
    await write(changes)
    await write(changes, 'update')
    await write(changes.map((change) => remove(change.key)))
    await connection.erase?.([{ email: 'a@example.com' }])
  }
  const { connection, write } = connect('list_members', { list: 'VIPs / spring' })
  await connection.account()
  await write([add({ email: 'ada@example.com' })])
  await write([remove({ email: 'ada@example.com' })])
  await connect('list_members', { list: '3' }).connection.account()
  for (const operation of ['token', 'upsert', 'read', 'update', 'archive', 'gdpr-delete', 'lists', '3'])
    assert.ok(asked(server).includes(operation), operation)
  for (const request of server.requests)
    if (!UNDESCRIBED.some((path) => path.test(request.path))) assertDescribed(request, descriptions)
})

const VALUES = [null, 1.5, true, 'ü', ['a', 'b']]

/** By the description of its own type of record where there is one, else by that of all of them. */
function assertDescribed(
  { method, path, headers, body }: FakeRequest,
  descriptions: readonly Description[],
): void {
  const [found] = descriptions.flatMap((description) => {
    const template = Object.keys(description.paths).find((one) => isOf(path, one))
    const operation = description.paths[template ?? '']?.[method.toLowerCase()]
    return operation === undefined ? [] : [{ description, operation }]
  })
  assert.ok(found, `${method} ${path} is described`)
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(
    found.operation.requestBody?.content ?? {},
  )
  if (type === '') assert.equal(body, '')
  else {
    assert.equal(headers['content-type'], type)
    const sent =
      type === 'application/json' ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
    assert.deepEqual(schemaProblems(sent, schema, found.description), [], `${method} ${path}`)
  }
}

type BodyOf = Parameters<typeof schemaProblems>

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: BodyOf[2]['components']
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: BodyOf[1] }>> }
}

/** `{name}` stands for one part of a path. */
function isOf(path: string, template: string): boolean {
  const parts = template.split('/')
  const given = path.split('/')
  return (
    parts.length === given.length && parts.every((part, at) => part === given[at] || /^\{.*\}$/.test(part))
  )
}

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
