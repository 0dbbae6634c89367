import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { idIn, objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, ObjectUse, Settings } from '../../src/connector/types.ts'

/** An audience, which LinkedIn calls a DMP segment. */
export interface Segment {
  readonly id: string
  /** Since 1970; undefined: long ago, as far as it is told. */
  readonly madeAtMs: number | undefined
}

/** The segment that a use means: found once, made where it is missing and may be made; undefined where it may not. */
export class Segments {
  readonly #api: Api
  readonly #account: string
  readonly #platform: string
  readonly #clock: ConnectorTools['clock']
  #segment: Promise<Segment | undefined> | undefined

  constructor(api: Api, settings: Settings, { clock }: ConnectorTools) {
    this.#api = api
    this.#account = `urn:li:sponsoredAccount:${settings.ad_account}`
    this.#platform = String(settings.source_platform)
    this.#clock = clock
  }

  meant(use: ObjectUse): Promise<Segment | undefined> {
    const asked = this.#segment ?? this.#findOrMake(use)
    // The next one asks again, for one that was missing too.
    const forget = () => {
      if (this.#segment === asked) this.#segment = undefined
    }
    asked.then((segment) => {
      if (segment === undefined) forget()
    }, forget)
    this.#segment = asked
    return asked
  }

  /** All of the account that this app filled. */
  async all(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const segments: Readonly<Record<string, unknown>>[] = []
    for (;;) {
      const query = { q: 'account', account: this.#account, sourcePlatform: this.#platform }
      const page = { start: segments.length, count: PAGE }
      const { json } = await this.#api.send({ method: 'GET', path: PATH, query: { ...query, ...page } })
      const { elements, paging } = objectIn(json)
      if (!Array.isArray(elements)) throw unclear('to give the audiences of the account')
      segments.push(...objectsIn(elements))
      const { total } = objectIn(paging)
      const isLast = typeof total === 'number' ? segments.length >= total : elements.length < PAGE
      if (isLast || elements.length === 0) return segments
    }
  }

  async #findOrMake({ settings, looksOnly }: ObjectUse): Promise<Segment | undefined> {
    const wanted = String(settings.audience)
    const all = await this.all()
    const byId = all.filter(({ id }) => idIn(id) === wanted)
    const [one, another] = byId.length > 0 ? byId : all.filter(({ name }) => name === wanted)
    if (another !== undefined)
      throw wrong(wanted, 'to be the name of one audience, found several: give its id')
    if (one === undefined) return looksOnly === true ? undefined : this.#make(wanted)
    const type = textIn(one.type)
    if (type !== USERS) throw wrong(wanted, `to be of users, found one of the type ${type}`)
    const { created } = one
    return { id: idIn(one.id) ?? '', madeAtMs: typeof created === 'number' ? created : undefined }
  }

  async #make(name: string): Promise<Segment> {
    const json = {
      name,
      account: this.#account,
      accessPolicy: 'PRIVATE',
      sourcePlatform: this.#platform,
      type: USERS,
      destinations: [{ destination: 'LINKEDIN' }],
    }
    const answer = await this.#api.send({ method: 'POST', path: PATH, json })
    const id = idIn(answer.headers['x-restli-id'] ?? objectIn(answer.json).id)
    if (id === undefined) throw unclear('to give the id of the audience that it made')
    return { id, madeAtMs: this.#clock.nowMs() }
  }
}

const PATH = '/rest/dmpSegments'

/** The only type that takes users one by one. */
const USERS = 'USER'

const PAGE = 100

function wrong(audience: string, what: string): DestinationError {
  return new DestinationError('stop', { message: `expected the audience "${audience}" ${what}` })
}

/** It may be made all the same, and then it is found. */
function unclear(what: string): DestinationError {
  return new DestinationError('retry', {
    message: `expected LinkedIn ${what}, found an answer without it`,
    ambiguous: true,
  })
}
