import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, Settings } from '../../src/connector/types.ts'

export type Json = Readonly<Record<string, unknown>>

/** Customer lists of one ad account, and the audiences that they fill. */
export class AdAccount {
  readonly #api: Api
  readonly #id: string

  constructor(api: Api, { ad_account: id }: Settings) {
    this.#api = api
    this.#id = String(id)
  }

  /** By id or name; undefined: there is none of this name. */
  async list(wanted: string): Promise<Json | undefined> {
    const all = await this.#all('customer_lists')
    const byId = all.filter(({ id }) => idIn(id) === wanted)
    const [one, another] = byId.length > 0 ? byId : all.filter(({ name }) => name === wanted)
    if (another !== undefined)
      throw stop(
        `expected the audience "${wanted}" to be the name of one customer list, found several: give its id`,
      )
    if (one === undefined && /^\d+$/.test(wanted))
      throw stop(`expected a customer list with the id ${wanted}, found none: write its name`)
    return one
  }

  /** There is no empty list. */
  async makeList(
    name: string,
    list: { readonly type: string; readonly records: string },
    batch: Batch,
    maxBytes: number,
  ): Promise<Json> {
    const json = { name, list_type: list.type, records: list.records }
    const request = { method: 'POST', path: this.#path('customer_lists'), json } as const
    return objectIn((await this.#api.send({ ...request, batch, maxBytes })).json)
  }

  async changeList(
    listId: string,
    change: { readonly operation: 'ADD' | 'REMOVE'; readonly records: string },
    batch: Batch,
    maxBytes: number,
  ): Promise<Json> {
    const json = { operation_type: change.operation, records: change.records }
    const request = { method: 'PATCH', path: `${this.#path('customer_lists')}/${listId}`, json } as const
    return objectIn((await this.#api.send({ ...request, batch, maxBytes })).json)
  }

  /** That is filled by this list; undefined: none is. */
  async audienceOf(listId: string): Promise<Json | undefined> {
    return (await this.#all('audiences')).find(
      ({ audience_type: type, rule }) =>
        type === 'CUSTOMER_LIST' && idIn(objectIn(rule).customer_list_id) === listId,
    )
  }

  /** Without one, nobody of the list can be advertised to. */
  async makeAudience(name: string, listId: string): Promise<void> {
    const rule = { customer_list_id: listId }
    const json = { ad_account_id: this.#id, name, audience_type: 'CUSTOMER_LIST', rule }
    await this.#api.send({ method: 'POST', path: this.#path('audiences'), json })
  }

  /** Tries the credentials and the account. */
  async look(): Promise<void> {
    await this.#api.send({ method: 'GET', path: this.#path('customer_lists'), query: { page_size: 1 } })
  }

  async #all(what: 'customer_lists' | 'audiences'): Promise<readonly Json[]> {
    const all: Json[] = []
    let bookmark: string | undefined
    do {
      const query = { page_size: PAGE, bookmark }
      const { json } = await this.#api.send({ method: 'GET', path: this.#path(what), query })
      const { items, bookmark: next } = objectIn(json)
      if (!Array.isArray(items))
        throw new DestinationError('retry', {
          message: `expected Pinterest to give the ${what} of the account, found an answer without them`,
          ambiguous: true,
        })
      all.push(...objectsIn(items))
      // The same one again would be asked for without end.
      const following = textIn(next)
      bookmark = following === bookmark ? undefined : following
    } while (bookmark !== undefined && bookmark !== '')
    return all
  }

  #path(what: string): string {
    return `/ad_accounts/${encodeURIComponent(this.#id)}/${what}`
  }
}

/** The most that a page has. */
const PAGE = 250

function stop(message: string): DestinationError {
  return new DestinationError('stop', { message })
}
