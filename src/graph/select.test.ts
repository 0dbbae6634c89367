import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { graphOf } from '../../test/support/graph-of.ts'
import type { NodeKind } from './graph.ts'
import { type Selection, selectNodes } from './select.ts'

const GRAPH = graphOf(`
sources:
  - {name: people, table: people, primary_key: id, tags: [raw]}
  - {name: orders, table: orders, primary_key: id, occurred_at: at, belongs_to: {people: person_id}}
entities:
  - {name: person, source: people, key: id}
  - {name: vip, identity: {from: [{source: people, ids: {mail: mail}}]}}
segments:
  - {name: buyers, entity: person, where: {event: orders}, tags: [daily, "night run"]}
  - {name: big_buyers, entity: person, where: {segment: buyers}, tags: [daily]}
  - {name: everyone, entity: person, where: {all: []}}
destinations:
  - {name: hook, connector: http, settings: {url: "https://shop.example"}}
syncs:
  - {name: buyers_out, segment: big_buyers, to: hook.rows, match: {id: person_id}, tags: [daily]}
  - {name: everyone, segment: everyone, to: hook.rows, match: {id: person_id}}
  - {name: orders_out, source: orders, to: hook.rows, match: {id: id}, map: {who: person.person_id}}
`)

const ALL: readonly NodeKind[] = ['source', 'identity', 'entity', 'segment', 'sync']

function selected(select: string | readonly string[], more: Partial<Selection> = {}): string {
  const list = typeof select === 'string' ? [select] : select
  return selectNodes(GRAPH, { kinds: ALL, select: list, ...more }).join(' ')
}

const syncs = { kinds: ['sync'] } as const
const builds = { kinds: ['identity', 'entity', 'segment'] } as const

describe('a selection', () => {
  test('is everything of the wanted kinds when nothing is selected', () => {
    assert.deepEqual(selectNodes(GRAPH, syncs), ['sync:buyers_out', 'sync:everyone', 'sync:orders_out'])
    assert.equal(selected([]), GRAPH.order.join(' '))
    assert.equal(selected('', syncs), 'sync:buyers_out sync:everyone sync:orders_out')
  })

  test('by a bare name is a sync, else a segment, else an entity', () => {
    assert.equal(selected('everyone'), 'sync:everyone')
    assert.equal(selected('buyers'), 'segment:buyers')
    assert.equal(selected('person'), 'entity:person')
    assert.throws(() => selected('people'), { code: 'SLU7006' })
  })

  test('by a bare name prefers what the command works on', () => {
    assert.equal(selected('everyone', builds), 'segment:everyone')
    assert.equal(selected('+everyone', builds), 'entity:person segment:everyone')
  })

  test('by kind, by tag and by letters', () => {
    assert.equal(selected('segment:everyone'), 'segment:everyone')
    assert.equal(selected('identity:vip'), 'identity:vip')
    assert.equal(selected('source:*'), 'source:people source:orders')
    assert.equal(selected('segment:*buyers'), 'segment:buyers segment:big_buyers')
    assert.equal(selected('*_out'), 'sync:buyers_out sync:orders_out')
    assert.equal(selected('tag:daily'), 'segment:buyers segment:big_buyers sync:buyers_out')
  })

  test('goes along the graph, all the way or so many steps', () => {
    assert.equal(selected('+buyers'), 'source:people source:orders entity:person segment:buyers')
    assert.equal(selected('buyers+'), 'segment:buyers segment:big_buyers sync:buyers_out')
    assert.equal(selected('buyers+1'), 'segment:buyers segment:big_buyers')
    assert.equal(selected('1+sync:buyers_out'), 'entity:person segment:big_buyers sync:buyers_out')
    assert.equal(
      selected('+segment:buyers+'),
      'source:people source:orders entity:person segment:buyers segment:big_buyers sync:buyers_out',
    )
    assert.equal(selected('source:orders+', syncs), 'sync:buyers_out sync:orders_out')
    assert.equal(selected('tag:raw+', syncs), 'sync:buyers_out sync:everyone sync:orders_out')
  })

  test('of several is their union, with a comma what they share', () => {
    assert.equal(selected(['buyers', 'everyone']), 'segment:buyers sync:everyone')
    assert.equal(selected('buyers  everyone'), 'segment:buyers sync:everyone')
    assert.equal(selected('tag:daily,+sync:buyers_out'), 'segment:buyers segment:big_buyers sync:buyers_out')
    assert.equal(selected('tag:daily,segment:*'), 'segment:buyers segment:big_buyers')
    assert.equal(selected(['tag:daily,sync:*', 'person']), 'entity:person sync:buyers_out')
  })

  test('leaves out what is excluded', () => {
    assert.equal(selected('tag:daily', { exclude: ['buyers'] }), 'segment:big_buyers sync:buyers_out')
    assert.equal(selectNodes(GRAPH, { ...syncs, exclude: ['everyone', 'source:orders+'] }).join(), '')
    assert.equal(
      selectNodes(GRAPH, { ...syncs, exclude: ['segment:buyers+'] }).join(),
      'sync:everyone,sync:orders_out',
    )
  })

  test('of what was modified is what the published build lacks, or has otherwise', () => {
    const now = new Map([...GRAPH.nodes.values()].map((node) => [node.id, node.fingerprint]))
    assert.equal(selected('state:modified', { published: now }), '')
    const before = new Map([...now, ['segment:buyers', 'other']])
    before.delete('sync:everyone')
    assert.equal(selected('state:modified', { published: before }), 'segment:buyers sync:everyone')
    assert.equal(selected('state:modified+,sync:*', { published: before }), 'sync:buyers_out sync:everyone')
    assert.throws(() => selected('state:modified'), { code: 'SLU2201' })
  })
})

describe('a selection that is wrong', () => {
  const wrong = (select: string, more?: Partial<Selection>) => {
    try {
      return { found: selected(select, more) }
    } catch (error) {
      const { code, kind, message, hint } = error as Record<string, unknown>
      return { code, kind, message, hint }
    }
  }

  test('names the nearest name', () => {
    assert.deepEqual(wrong('byers'), {
      code: 'SLU7006',
      kind: 'usage',
      message: 'expected the name of a sync, segment or entity of the project, found "byers"',
      hint: 'did you mean "buyers"?',
    })
    assert.deepEqual(wrong('tag:dayly'), {
      code: 'SLU7006',
      kind: 'usage',
      message: 'expected a tag of the project, found "dayly"',
      hint: 'did you mean "daily"?',
    })
    assert.equal(
      wrong('segment:byers').message,
      'expected the name of a segment of the project, found "byers"',
    )
    assert.equal(wrong('buyers', { exclude: ['evryone'] }).hint, 'did you mean "everyone"?')
  })

  test('says how a selector is written', () => {
    for (const text of [
      '+',
      'a++',
      ',',
      'buyers,',
      'tag:',
      '@buyers',
      'segmnt:buyers',
      'state:new',
      'trait:x',
    ])
      assert.equal(wrong(text).code, text === '@buyers' ? 'SLU7006' : 'SLU2201', text)
    assert.equal(wrong('segmnt:buyers').hint, 'did you mean "segment"?')
  })

  test('of other kinds than the command works on says what stands beside', () => {
    assert.deepEqual(wrong('segment:buyers', syncs), {
      code: 'SLU2202',
      kind: 'usage',
      message: 'expected a selection with sync in it, found nothing for "segment:buyers"',
      hint: '"segment:buyers+" selects what is made from it',
    })
    assert.equal(wrong('sync:orders_out', builds).hint, '"+sync:orders_out" selects what it is made from')
    assert.equal(wrong('tag:daily,everyone').code, 'SLU2202')
    assert.equal(
      wrong('sync:everyone', { exclude: ['everyone'] }).message,
      'expected a selection with source, identity, entity, segment, sync in it, found nothing for "sync:everyone" without what is excluded',
    )
  })
})
