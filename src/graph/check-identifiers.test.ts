import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { built } from '../../test/support/graph-of.ts'

const project = (...syncs: readonly string[]) => `
sources:
  - {name: people, table: people, primary_key: id, columns: {mail: {purposes: [service]}}}
  - {name: orders, table: orders, primary_key: id, occurred_at: done_at, belongs_to: {people: person}}
entities:
  - name: customer
    identity: {from: [{source: people, ids: {email: mail}}]}
    profile:
      phone: {from: [people.phone]}
      first_name: {from: [people.first_name]}
      last_name: {from: [people.last_name]}
destinations:
  - {name: ads, connector: ads}
  - {name: crm, connector: crm, settings: {token: "x"}}
syncs:
${syncs.join('\n')}
`

const audience = (name: string, identifiers: string, rest = 'purpose: service') =>
  `  - {name: ${name}, entity: customer, to: ads.audience, match: {id: customer_id}, settings: {audience: x}, identifiers: ${identifiers}, ${rest}}`

const events = (name: string, rest: string) =>
  `  - {name: ${name}, source: orders, to: ads.events, mode: insert, match: {event_id: id}, ${rest}}`

/** With the text that is marked. */
const told = (yaml: string) =>
  built(yaml).errors.map(({ code, message, hint, at }) => {
    const line = yaml.split('\n')[(at?.line ?? 0) - 1] ?? ''
    return [code, message, hint, line.slice((at?.column ?? 0) - 1, (at?.endColumn ?? 0) - 1)]
  })

describe('identifiers of a sync', () => {
  test('are a name, several, SQL, or names with a country for their phone numbers', () => {
    const yaml = project(
      audience('a', '{email: email, phone: [phone]}'),
      audience('b', '{phone: {values: phone, default_country: FR}}'),
      audience('c', '{phone: {sql: "trim({phone})", default_country: FR}, first_name: first_name}'),
      events(
        'd',
        'map: {event_name: {value: Purchase}}, identifiers: {email: customer.email}, purpose: service',
      ),
    )
    assert.deepEqual(told(yaml), [])
  })

  test('that the object does not take, or by which nobody is found, are told at their place', () => {
    const yaml = project(
      audience('a', '{mail: email}'),
      audience('b', '{first_name: first_name}'),
      audience('c', '{email: emial}'),
      audience('d', '{email: email, last_name: last_name}'),
      audience('e', '{email: email, first_name: [first_name, last_name]}'),
      '  - {name: f, entity: customer, to: crm.contacts, match: {email: phone}, identifiers: {email: phone}}',
      '  - {name: g, entity: customer, to: ads.audience, match: {id: customer_id}, settings: {audience: x}}',
    )
    const ways = 'it finds them by email, phone, last_name + zip together'
    assert.deepEqual(told(yaml), [
      [
        'SLU2017',
        'expected an identifier that ads.audience takes, found "mail"',
        'did you mean "email"?',
        'mail',
      ],
      [
        'SLU2016',
        'expected "identifiers" by which ads.audience finds people, found first_name',
        ways,
        'identifiers',
      ],
      [
        'SLU2003',
        'expected a trait or profile field of customer, found "emial"',
        'did you mean "email"?',
        'emial',
      ],
      [
        'SLU2016',
        'expected all parts of an address, by which ads.audience finds people together only, found no zip',
        'give last_name, zip, or take last_name out',
        'last_name',
      ],
      [
        'SLU2016',
        'expected one value for "first_name", which finds nobody by itself, found several',
        'choose one of them; only what finds people by itself may have several',
        'last_name',
      ],
      [
        'SLU2016',
        'expected no "identifiers", which crm.contacts does not take, found some',
        'they are for audiences and events of ad platforms; send the values as fields: map: {...}',
        'identifiers',
      ],
      ['SLU2016', 'expected "identifiers" by which ads.audience finds people, found none', ways, 'audience'],
    ])
  })

  test('have the purposes of the columns that a type of identity stands in', () => {
    assert.deepEqual(
      told(project(audience('a', '{email: email}', 'purpose: marketing'))).map(([code, message]) => [
        code,
        message,
      ]),
      [
        [
          'SLU2022',
          'expected values that may be used for marketing, but "email" may be used for service only',
        ],
      ],
    )
  })

  test('of events may be a mapped field, and what is required, unknown or too old is told', () => {
    const yaml = project(
      events('a', 'map: {event_name: {value: Purchase}, click: click}'),
      events('b', 'map: {value: total, click: click}'),
      events(
        'c',
        'map: {event_name: {value: Purchase}, clik: click}, identifiers: {email: customer.email}, purpose: service',
      ),
      events('d', 'map: {event_name: {value: Purchase}, click: click}, within: 24 months'),
    )
    assert.deepEqual(told(yaml), [
      [
        'SLU2017',
        'expected "event_name" in "map", without which ads.events takes nothing, found none',
        'What happened.',
        'map',
      ],
      ['SLU2017', 'expected a field that ads.events has, found "clik"', 'did you mean "click"?', 'clik'],
      [
        'SLU2019',
        'expected "within" of at most 400 days, because ads.events refuses older events, found 24 months',
        'write "within: 400 days", or less',
        '24 months',
      ],
    ])
  })
})
