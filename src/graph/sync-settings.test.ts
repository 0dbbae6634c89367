import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { built, graphOf } from '../../test/support/graph-of.ts'
import { projectNames } from '../spec/project-names.ts'

const MODELS = `
sources: [{name: people, table: people, primary_key: id}]
`

const project = (syncs: string, settings = `{access_token: "$\{TOKEN}"}`) => `${MODELS}
destinations:
  - {name: suite, connector: suite, settings: ${settings}}
syncs:
${syncs}
`

const sync = (name: string, rest: string) =>
  `  - {name: ${name}, source: people, match: {email: mail}, ${rest}}`

/** With the text that is marked. */
const told = (yaml: string) =>
  built(yaml).errors.map(({ code, message, hint, at }) => {
    const line = yaml.split('\n')[(at?.line ?? 0) - 1] ?? ''
    return [code, message, hint, line.slice((at?.column ?? 0) - 1, (at?.endColumn ?? 0) - 1)]
  })

describe('settings of a sync', () => {
  test('are taken where its object has such, with variables in them', () => {
    const graph = graphOf(
      project(sync('a', `to: suite.list, settings: {list: "$\{LIST}", limit: "$\{MOST}"}`)),
    )
    assert.deepEqual([...graph.bound('a').sync.settings.keys()], ['list', 'limit'])
  })

  test('that are unknown, missing or of another kind are told at their place', () => {
    const yaml = project(
      [
        sync('a', 'to: suite.list, settings: {list: x, limt: 5}'),
        sync('b', 'to: suite.list'),
        sync('c', 'to: suite.list, settings: {limit: 0}'),
        sync('d', 'to: suite.list, settings: {list: 7}'),
        sync('e', 'to: suite.deals, settings: {list: x}'),
      ].join('\n'),
    )
    assert.deepEqual(told(yaml), [
      ['SLU2014', 'expected a setting of suite.list, found "limt"', 'did you mean "list"?', 'limt'],
      ['SLU2014', 'expected the setting "list" of suite.list, found none', 'Its name.', 'list'],
      ['SLU2014', 'expected the setting "list" of suite.list, found none', 'Its name.', 'settings'],
      ['SLU2014', 'expected at least 1 for "limit", found 0', undefined, '0'],
      ['SLU2014', 'expected a text for "list", found a number', 'put quotes around it', '7'],
      [
        'SLU2014',
        'expected no "settings", which suite.deals does not take, found "list"',
        'settings of the account belong to the destination',
        'list',
      ],
    ])
  })

  test('other than those of another sync make another family, the same make one', () => {
    const graph = graphOf(
      project(
        [
          sync('a', 'to: suite.list, settings: {list: x}'),
          sync('b', 'to: suite.list, settings: {list: y}'),
          sync('c', 'to: suite.list, settings: {list: x}'),
          sync('d', 'to: suite.list, settings: {list: x, limit: 3}'),
        ].join('\n'),
      ),
    )
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((name) => graph.bound(name).family),
      [['c'], [], ['a'], []],
    )
  })

  test('change what the sync means', () => {
    const of = (list: string) =>
      graphOf(project(sync('a', `to: suite.list, settings: {list: ${list}}`))).nodes.get('sync:a')
        ?.fingerprint
    assert.equal(of('x'), of('"x"'))
    assert.notEqual(of('x'), of('y'))
  })
})

describe('an object that a connector does not list', () => {
  test('is one of the user, where it takes such, and another one than the next', () => {
    const graph = graphOf(
      project(
        [sync('a', 'to: suite.deals'), sync('b', 'to: suite.Deal__c'), sync('c', 'to: suite.deals')].join(
          '\n',
        ),
      ),
    )
    const { object, sync: bound, family } = graph.bound('a')
    assert.equal(object.description, 'An object of your own.')
    assert.equal(bound.to.object.value, 'deals')
    assert.deepEqual(family, ['c'])
    assert.deepEqual(graph.bound('b').family, [])
  })

  test('may have an id for a name, as HubSpot calls types of records', () => {
    const graph = graphOf(project(sync('a', 'to: suite.2-1234567')))
    assert.equal(graph.bound('a').sync.to.object.value, '2-1234567')
    for (const to of ['suite.-a', 'suite.a b', 'suite.a.b', 'suite.a/b'])
      assert.throws(() => graphOf(project(sync('a', `to: ${to}`))), /SLU1008/, to)
  })

  test('is held to what such can do', () => {
    assert.deepEqual(
      told(project(sync('a', 'to: suite.deals, mode: mirror'))).map(([code, message]) => [code, message]),
      [['SLU2016', 'expected a mode that suite.deals can do, found mirror']],
    )
  })

  test('has no name that an editor could offer', () => {
    const { project: parsed, manifests } = graphOf(project(sync('a', 'to: suite.deals')))
    assert.deepEqual(projectNames(parsed, manifests).objects, ['suite.list'])
  })
})

describe('a sync of members only', () => {
  test('has no map, and is told when it has one', () => {
    const yaml = (map: string) => project(sync('a', `to: suite.list, settings: {list: x}${map}`))
    assert.deepEqual(told(yaml('')), [])
    assert.deepEqual(
      told(yaml(', map: {city: town}')).map(([code, message]) => [code, message]),
      [
        [
          'SLU2016',
          'expected no "map", because suite.list holds that a row is there and nothing of it, found "city"',
        ],
      ],
    )
  })
})

describe('a destination with several ways to prove who asks', () => {
  const lack = (settings: string) =>
    told(project(sync('a', 'to: suite.deals'), settings)).map(([code, message, hint]) => [
      code,
      message,
      hint,
    ])
  const message =
    'expected access_token, or client_id and client_secret among the settings of connector suite, found none complete'

  test('needs all of one of them', () => {
    assert.deepEqual(lack('{access_token: a}'), [])
    // The region has a default.
    assert.deepEqual(lack('{client_id: a, client_secret: b}'), [])
    assert.deepEqual(lack('{client_id: a}'), [['SLU2014', message, 'give client_secret']])
    assert.deepEqual(lack('{}'), [['SLU2014', message, 'give access_token']])
  })

  test('with a misspelt setting is told of that alone', () => {
    assert.deepEqual(
      lack('{acces_token: a}').map(([, said]) => said),
      ['expected a setting of connector suite, found "acces_token"'],
    )
  })
})
