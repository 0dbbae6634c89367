import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import { TABLE_MAKERS } from './create-tables.ts'
import type { LedgerSession } from './session.ts'
import type { LedgerTable } from './tables.ts'
import { numberOf, textOf } from './values.ts'

/** The form of the ledger's tables. A schema of a later one is refused. */
const SCHEMA_VERSION = 1

export interface Owner {
  readonly project: string
  readonly target: string
}

/** Knows whether the schema is there and whose it is; makes it when it is needed. Asks the warehouse once. */
export class StateSchema {
  readonly #session: LedgerSession
  readonly #owner: Owner
  readonly #beside: StateSchema | undefined
  #ready = false

  /** `beside`: the real ledger of the schema in which this prefixed one stands. */
  constructor(session: LedgerSession, owner: Owner, beside?: StateSchema) {
    this.#session = session
    this.#owner = owner
    this.#beside = beside
  }

  /** Whether there is a ledger to read. Throws SLU5003 when it is another's, SLU5004 when it is of a later version. */
  async exists(): Promise<boolean> {
    if (!this.#ready) await this.#missing()
    return this.#ready
  }

  /** Makes what is missing. Another process may be doing the same: what it was first with counts as made. */
  async prepare(): Promise<void> {
    for (let attempt = 1; !this.#ready; attempt += 1) {
      const missing = await this.#missing()
      if (this.#ready) return
      if (attempt > ATTEMPTS) throw this.#unready(missing)
      try {
        await this.#create(missing)
      } catch (error) {
        if (attempt === ATTEMPTS) throw error
        await this.#session.clock.sleep(FIRST_PAUSE_MS * 2 ** attempt)
      }
    }
  }

  /** After its tables were dropped. */
  forget(): void {
    this.#ready = false
  }

  /** The tables that are not there; finds out whether all is ready. */
  async #missing(): Promise<ReadonlySet<LedgerTable>> {
    await this.#beside?.exists()
    const names = TABLE_MAKERS.map(([name]) => name)
    const existing = await this.#session.existing(names)
    // `meta` may stand while its row is not written yet: then another process is at it, and there is nothing to read.
    const owned = existing.has('meta') && (await this.#isOurs())
    this.#ready = owned && names.every((name) => existing.has(name))
    return new Set(names.filter((name) => !existing.has(name)))
  }

  async #create(missing: ReadonlySet<LedgerTable>): Promise<void> {
    const session = this.#session
    await session.execute('create_schema', session.warehouse.dialect.table.createSchema(session.schema))
    for (const [name, make] of TABLE_MAKERS)
      if (missing.has(name)) await session.execute(`create_${name}`, make(session))
    const row = {
      id: 1,
      version: SCHEMA_VERSION,
      ...this.#owner,
      created_at: instantOf(session.clock.nowMs()),
    }
    const insert = session.db
      .insertInto('meta')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
    await session.execute('write_owner', insert)
  }

  /** False when nobody has written whose it is. */
  async #isOurs(): Promise<boolean> {
    const session = this.#session
    const [row] = await session.read('owner', session.db.selectFrom('meta').selectAll().where('id', '=', 1))
    if (row === undefined) return false
    const found = { project: textOf(row, 'project'), target: textOf(row, 'target') }
    if (found.project !== this.#owner.project || found.target !== this.#owner.target)
      throw this.#anothers(found)
    const version = numberOf(row, 'version')
    if (version > SCHEMA_VERSION)
      throw new SluiceError('SLU5004', {
        message: `expected version ${SCHEMA_VERSION} of the state schema "${session.schema}", found version ${version}`,
        hint: 'use the version of Sluice that wrote it, or a later one',
      })
    return true
  }

  #unready(missing: ReadonlySet<LedgerTable>): SluiceError {
    const found = missing.size === 0 ? 'the row of meta missing' : `${[...missing].join(', ')} missing`
    return new SluiceError('SLU9001', {
      message: `expected the tables of the state schema "${this.#session.schema}" to be there once made, found ${found}`,
    })
  }

  #anothers(found: Owner): SluiceError {
    const { project, target } = this.#owner
    return new SluiceError('SLU5003', {
      message: `expected the state schema "${this.#session.schema}" to belong to project "${project}", target "${target}", found project "${found.project}", target "${found.target}"`,
      hint: 'give this target a `state_schema` of its own in sluice.yml; what stands in the other one is not touched',
    })
  }
}

const ATTEMPTS = 6
const FIRST_PAUSE_MS = 20
