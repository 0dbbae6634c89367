import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRequest } from '../support/descriptions/check-request.ts'
import type { Schema } from '../support/descriptions/closed-schema.ts'
import type { OperationLimits } from '../support/descriptions/limits.ts'
import { operationsOf, type Reading } from '../support/descriptions/operations.ts'

/** Invented: it has what vendors' descriptions have. */
const OPEN_API: Schema = {
  openapi: '3.0.1',
  paths: {
    '/shelves/{shelf}/books/batch': {
      parameters: [{ $ref: '#/components/parameters/Revision' }],
      post: {
        parameters: [{ name: 'dry', in: 'query', schema: { type: 'boolean' } }],
        requestBody: {
          required: true,
          content: { 'application/vnd.books+json': { schema: { $ref: '#/components/schemas/Batch' } } },
        },
      },
    },
    '/shelves/{shelf}/books/{book}': { delete: {} },
    '/shelves/first/books/{book}': { delete: { parameters: [{ name: 'why', in: 'query', required: true }] } },
  },
  components: {
    parameters: { Revision: { name: 'Revision', in: 'header', required: true } },
    schemas: {
      Batch: {
        type: 'object',
        required: ['books'],
        properties: { books: { type: 'array', items: { $ref: '#/components/schemas/Book' } } },
      },
      Thing: {
        type: 'object',
        required: ['id', 'made'],
        properties: { id: { type: 'string' }, made: { readOnly: true } },
      },
      Book: {
        allOf: [
          { $ref: '#/components/schemas/Thing' },
          {
            type: 'object',
            properties: {
              pages: { type: 'integer', minimum: 0, exclusiveMinimum: true, nullable: true },
              kind: {
                oneOf: [
                  { type: 'string', enum: ['novel', 'verse'] },
                  { type: 'string', enum: ['novel'] },
                ],
              },
              writer: { nullable: true, allOf: [{ $ref: '#/components/schemas/Writer' }] },
              own: { type: 'object', properties: { shop: { type: 'string' } } },
            },
          },
        ],
      },
      Writer: { type: 'object', properties: { mail: { type: 'string', format: 'email' } } },
    },
  },
}

const LIMITS: readonly OperationLimits[] = [
  {
    ...{ vendor: 'books', op: 'POST|PUT /shelves/{id}/books/batch' },
    ...{ maxItems: { '/books': 2, '/books/*/tags': 1 }, uniqueItemsBy: { '/books': 'id' } },
    ...{ maxBytes: 300, maxItemBytes: 100, requiredHeaders: ['X-Account'] },
  },
  { vendor: 'books', op: 'POST /vXX.0/none', maxBytes: 1 },
]

function problemsOf(
  body: unknown,
  request: {
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly method?: string
  } = {},
  reading: Reading = {},
  document: Schema = OPEN_API,
  limits: readonly OperationLimits[] = [],
): readonly string[] {
  const { path = '/shelves/7/books/batch', method = 'POST' } = request
  const headers = { 'content-type': 'application/vnd.books+json', revision: '1', ...request.headers }
  const text = body === undefined ? '' : JSON.stringify(body)
  return checkRequest({ method, path, headers, body: text }, operationsOf(document, reading), { limits })
    .problems
}

test('a request that is as described has no problems', () => {
  const book = { id: 'a', pages: 3, kind: 'novel', writer: { mail: 'a@b.example' }, own: { shop: 's' } }
  assert.deepEqual(problemsOf({ books: [book] }), [])
  assert.deepEqual(
    problemsOf(
      { books: [{ id: 'a', pages: null, writer: null }] },
      { path: '/shelves/7/books/batch?dry=true' },
    ),
    [],
  )
})

test('a body is wrong that lacks a key, has an unknown one, or one of another type', () => {
  assert.deepEqual(problemsOf({}), ['/books: missing'])
  assert.deepEqual(problemsOf({ books: [{ pages: 1 }] }), ['/books/0/id: missing'])
  assert.deepEqual(problemsOf({ books: [], shelf: 1 }), ['/shelf: not described'])
  assert.deepEqual(problemsOf({ books: [{ id: 'a', color: 'red' }] }), ['/books/0/color: not described'])
  assert.deepEqual(problemsOf({ books: [{ id: 1 }] }), ['/books/0/id: must be string'])
  assert.deepEqual(problemsOf({ books: [{ id: 'a', pages: 0 }] }).slice(0, 1), [
    '/books/0/pages: must be > 0',
  ])
  assert.deepEqual(problemsOf({ books: [{ id: 'a', writer: { mail: 'nobody' } }] }).slice(0, 1), [
    '/books/0/writer/mail: must match format "email"',
  ])
  assert.ok(problemsOf({ books: [{ id: 'a', kind: 'prose' }] }).length > 0)
})

test('keys of the account are taken where the description is said to leave them out, and nowhere else', () => {
  const body = { books: [{ id: 'a', own: { color: 'red' } }] }
  assert.deepEqual(problemsOf(body), ['/books/0/own/color: not described'])
  assert.deepEqual(problemsOf(body, {}, { open: ['/books/*/own'] }), [])
  assert.deepEqual(problemsOf(body, {}, { open: ['/books/own'] }), ['/books/0/own/color: not described'])
})

test('an operation, a query, a header, a media type or a body that is not described is wrong', () => {
  const body = { books: [] }
  assert.deepEqual(problemsOf(body, { path: '/shelves/7/books' }), ['this operation is not described'])
  assert.deepEqual(problemsOf(body, { path: '/shelves/7/8/books/batch' }), [
    'this operation is not described',
  ])
  assert.deepEqual(problemsOf(body, { method: 'PUT' }), ['this operation is not described'])
  assert.deepEqual(problemsOf(body, { path: '/shelves/7/books/batch?wet=1' }), ['query wet: not described'])
  assert.deepEqual(problemsOf(undefined), ['body: missing'])
  assert.deepEqual(problemsOf(body, { headers: { 'content-type': 'application/json' } }), [
    'content type: expected application/vnd.books+json, found application/json',
  ])
  assert.deepEqual(problemsOf({ a: 1 }, { method: 'DELETE', path: '/shelves/7/books/8' }), [
    'body: none is described',
  ])
  const none = checkRequest(
    {
      method: 'POST',
      path: '/shelves/7/books/batch',
      headers: { 'content-type': 'application/vnd.books+json' },
      body: '{"books":[]}',
    },
    operationsOf(OPEN_API, {}),
  )
  assert.deepEqual(none.problems, ['header Revision: missing'])
})

test('of two paths that match, the one with fewer variables is meant', () => {
  assert.deepEqual(problemsOf(undefined, { method: 'DELETE', path: '/shelves/second/books/8' }), [])
  assert.deepEqual(problemsOf(undefined, { method: 'DELETE', path: '/shelves/first/books/8' }), [
    'query why: missing',
  ])
})

test('limits that are told in prose are kept: items, bytes, keys that must be different, headers', () => {
  const problems = (
    books: readonly object[],
    headers: Readonly<Record<string, string>> = { 'x-account': '1' },
  ) => problemsOf({ books }, { headers }, { open: ['/books/*'] }, OPEN_API, LIMITS)
  assert.deepEqual(problems([{ id: 'a' }, { id: 'b' }]), [])
  assert.deepEqual(problems([{ id: 'a' }, { id: 'b' }, { id: 'c' }]), [
    '/books: expected at most 2 items, found 3',
  ])
  assert.deepEqual(problems([{ id: 'a' }, { id: 'a' }]), ['/books: expected each id once'])
  assert.deepEqual(problems([{ id: 'a', tags: [1, 2] }]), [
    '/books/*/tags: expected at most 1 items, found 2',
  ])
  assert.deepEqual(problems([{ id: 'x'.repeat(100) }]), ['an item: expected at most 100 bytes, found 109'])
  assert.deepEqual(problems([{ id: 'é'.repeat(150) }]), [
    'body: expected at most 300 bytes, found 321',
    'an item: expected at most 100 bytes, found 309',
  ])
  assert.deepEqual(problems([], {}), ['header X-Account: missing'])
})

test('Swagger 2 has its bodies and forms among the parameters, below a path of all', () => {
  const document: Schema = {
    swagger: '2.0',
    definitions: {
      Book: { type: 'object', required: ['id'], properties: { id: { type: 'string', 'x-nullable': true } } },
    },
    paths: {
      '/books': {
        post: {
          parameters: [{ in: 'body', name: 'body', required: true, schema: { $ref: '#/definitions/Book' } }],
        },
      },
      '/say': {
        post: {
          consumes: ['application/x-www-form-urlencoded', 'application/json'],
          parameters: [{ in: 'formData', name: 'text', type: 'string', required: true }],
        },
      },
    },
  }
  const json = { headers: { 'content-type': 'application/json; charset=utf-8' } }
  const check = (body: unknown, path: string) =>
    problemsOf(body, { path, ...json }, { base: '/api/' }, document)
  assert.deepEqual(check({ id: null }, '/api/books'), [])
  assert.deepEqual(check({}, '/api/books'), ['/id: missing'])
  assert.deepEqual(check({ id: 'a' }, '/books'), ['this operation is not described'])
  assert.deepEqual(check({ text: 'a' }, '/api/say'), [])
  assert.deepEqual(check({ words: 'a' }, '/api/say'), ['/text: missing', '/words: not described'])
  const form = (body: string) =>
    checkRequest(
      {
        method: 'POST',
        path: '/say',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      },
      operationsOf(document, {}),
    ).problems
  assert.deepEqual(form('text=a+b'), [])
  assert.deepEqual(form('texts=a'), ['/text: missing', '/texts: not described'])
})

test('a form in parts is held against its schema, with its file as a text', () => {
  const form: Schema = { type: 'object', properties: { name: { type: 'string' }, file: { type: 'string' } } }
  const uploads: Schema = {
    openapi: '3.0.1',
    paths: {
      '/upload': {
        post: { requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } } },
      },
    },
  }
  const problemsOf = (...parts: readonly (readonly [head: string, text: string])[]) =>
    checkRequest(
      {
        method: 'POST',
        path: '/upload',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: `${parts.map(([head, text]) => `--x\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`).join('')}--x--\r\n`,
      },
      operationsOf(uploads, {}),
    ).problems
  const file = ['name="file"; filename="a.csv"\r\ncontent-type: text/csv', 'a\nb\n'] as const
  assert.deepEqual(problemsOf(['name="name"', 'Ada'], file), [])
  assert.equal(problemsOf(['name="nick"', 'Ada'], file).length, 1)
})

test("Google's discovery and schemas by name are read as the same", () => {
  const discovery: Schema = {
    discoveryVersion: 'v1',
    parameters: { fields: { location: 'query', type: 'string' } },
    resources: {
      sheets: {
        resources: {
          values: {
            methods: {
              append: {
                ...{ httpMethod: 'POST', path: 'v4/sheets/{+range}', flatPath: 'v4/sheets/{range}:append' },
                parameters: { option: { location: 'query', required: true }, range: { location: 'path' } },
                request: { $ref: 'Values' },
              },
            },
          },
        },
      },
    },
    schemas: {
      Values: {
        id: 'Values',
        type: 'object',
        properties: { rows: { type: 'array', items: { type: 'any' } } },
      },
    },
  }
  const json = { headers: { 'content-type': 'application/json' } }
  const path = '/v4/sheets/A1:append'
  const check = (body: unknown, query: string) =>
    problemsOf(body, { path: `${path}${query}`, ...json }, {}, discovery)
  assert.deepEqual(check({ rows: [1, 'a'] }, '?option=RAW&fields=a'), [])
  assert.deepEqual(check({ row: [] }, ''), ['query option: missing', '/row: not described'])

  const named: Schema = { BookSchema: { type: 'object', properties: { id: { type: 'string' } } } }
  const schemas = { 'POST /books': 'BookSchema', 'GET /books': undefined }
  const checkNamed = (body: unknown, method: string) =>
    problemsOf(body, { path: '/books', method, ...json }, { schemas }, named)
  assert.deepEqual(checkNamed({ id: 'a' }, 'POST'), [])
  assert.deepEqual(checkNamed({ id: 1 }, 'POST'), ['/id: must be string'])
  assert.deepEqual(checkNamed(undefined, 'GET'), [])
  assert.deepEqual(checkNamed(undefined, 'DELETE'), ['this operation is not described'])
  assert.throws(() => operationsOf(named, { schemas: { 'POST /books': 'None' } }), /None/)
})

test("Meta's nodes are read with the parameters of their edges", () => {
  const node: Schema = {
    apis: [
      { method: 'POST', endpoint: 'pages', params: [{ name: 'data', required: true, type: 'list<string>' }] },
      { method: 'GET', endpoint: 'pages', params: [{ name: 'filtering', required: false }] },
      { name: '#get', method: 'GET', params: [] },
    ],
  }
  const json = { headers: { 'content-type': 'application/json' } }
  const check = (body: unknown, method: string, path: string) =>
    problemsOf(body, { path, method, ...json }, { base: '/{version}/{book}' }, node)
  assert.deepEqual(check({ data: [{ text: 'a' }] }, 'POST', '/v1/7/pages'), [])
  assert.deepEqual(check({ page: 1 }, 'POST', '/v1/7/pages'), ['/data: missing', '/page: not described'])
  assert.deepEqual(check(undefined, 'GET', '/v1/7/pages?filtering=a&sorting=b'), [
    'query sorting: not described',
  ])
  assert.deepEqual(check(undefined, 'GET', '/v1/7'), [])
  assert.deepEqual(check(undefined, 'DELETE', '/v1/7'), ['this operation is not described'])
})
