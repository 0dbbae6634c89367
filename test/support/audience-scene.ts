import { createHash } from 'node:crypto'

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
export const email = (text: string): string => `email:${sha(text)}`
export const phone = (text: string): string => `phone:${sha(text)}`

/** People by address, telephone and account; the VIPs among them are an audience. */
export const AUDIENCE_PROJECT = `
sources:
  - {name: contacts, table: contacts, primary_key: id}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: {any: [mail, work_mail]}, phone: phone, account: account}}
      identifiers:
        email: {normalize: email, ignore: [none@example.com]}
        phone: {normalize: phone, default_country: FR}
    profile:
      vip: {from: [contacts.vip]}
      consents: {from: [contacts.consents]}
      first_name: {from: [contacts.first_name]}
      last_name: {from: [contacts.last_name]}
      zip: {from: [contacts.zip]}
segments:
  - {name: vips, entity: customer, where: {trait: vip, eq: "yes"}}
destinations:
  - {name: ads, connector: ads}
syncs:
  - name: vips_to_ads
    segment: vips
    to: ads.audience
    mode: mirror
    match: {id: customer_id}
    identifiers: {email: email, phone: phone, first_name: first_name, last_name: last_name, zip: zip}
    settings: {audience: VIPs}
    guard: {max_remove: 100%}
`

export const CONTACTS_TABLE =
  'create table contacts (id varchar(20), mail varchar(80), work_mail varchar(80), phone varchar(80), account varchar(20), vip varchar(10), consents varchar(10), first_name varchar(40), last_name varchar(40), zip varchar(20))'

export interface Contact {
  readonly id: string
  readonly mail?: string
  readonly work_mail?: string
  readonly phone?: string
  readonly account?: string
  readonly vip?: string
  readonly consents?: string
  readonly first_name?: string
  readonly last_name?: string
  readonly zip?: string
}

export function insertContacts(...contacts: readonly Contact[]): string {
  const columns = [
    'id',
    'mail',
    'work_mail',
    'phone',
    'account',
    'vip',
    'consents',
    'first_name',
    'last_name',
    'zip',
  ] as const
  const rows = contacts.map(
    (one) =>
      `(${columns.map((column) => (one[column] === undefined ? 'null' : `'${one[column]}'`)).join(', ')})`,
  )
  return `insert into contacts values ${rows.join(', ')}`
}
