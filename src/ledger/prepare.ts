import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import { lit, sql, timestamp } from '../dialect/fragment.ts'
import { ascending } from './order.ts'
import type { LedgerSession } from './session.ts'
import { columnList, LEDGER_TABLE_NAMES, LEDGER_TABLES, type LedgerTable } from './table-columns.ts'
import { SCHEMA_VERSION, upgradeTables } from './upgrade.ts'
import { numberOf, textOf } from './values.ts'

export interface Owner {
  readonly project: string
  readonly target: string
}

/**
 * Knows whether the schema is there and whose it is; makes it when it is needed, and brings an older form up to date
 * on the first question, because what reads it knows only the new one. Asks the warehouse once.
 */
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
    if (!this.#ready && (await this.#look()).version !== undefined) await this.prepare()
    return this.#ready
  }

  /** Makes what is missing. Another process may be doing the same: what it was first with counts as made. */
  async prepare(): Promise<void> {
    for (let attempt = 1; !this.#ready; attempt += 1) {
      const found = await this.#look()
      if (this.#ready) return
      if (attempt > ATTEMPTS) throw this.#unready(found)
      try {
        await this.#complete(found)
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

  /** Which tables are not there, and of which version they are; finds out whether all is ready. */
  async #look(): Promise<Found> {
    await this.#beside?.exists()
    const existing = await this.#session.existing(LEDGER_TABLE_NAMES)
    // `meta` may stand while its row is not written yet: then another process is at it, and there is nothing to read.
    const version = existing.has('meta') ? await this.#version() : undefined
    const missing = LEDGER_TABLE_NAMES.filter((name) => !existing.has(name))
    this.#ready = version === SCHEMA_VERSION && missing.length === 0
    return { missing, version }
  }

  /** Tables first and the version last: a process that dies between leaves a schema that the next one completes. */
  async #complete({ missing, version }: Found): Promise<void> {
    const session = this.#session
    const { createSchema, create } = session.warehouse.dialect.table
    if (version === undefined) await session.execute('create_schema', createSchema(session.schema))
    for (const name of missing)
      await session.execute(`create_${name}`, create(session.table(name), columnList(LEDGER_TABLES[name])))
    if (version === undefined) await this.#writeOwner()
    else if (version < SCHEMA_VERSION) await upgradeTables(session)
  }

  async #writeOwner(): Promise<void> {
    const session = this.#session
    await session.runTemplate('write_owner', {
      meta: session.named('meta'),
      version: sql`${SCHEMA_VERSION}`,
      project: lit(this.#owner.project),
      target: lit(this.#owner.target),
      at: timestamp(instantOf(session.clock.nowMs())),
    })
  }

  /** Undefined when nobody has written whose it is. */
  async #version(): Promise<number | undefined> {
    const session = this.#session
    const [row] = await session.read('owner', this.#owners())
    if (row === undefined) return undefined
    const found = { project: textOf(row, 'project'), target: textOf(row, 'target') }
    if (found.project !== this.#owner.project || found.target !== this.#owner.target)
      throw this.#anothers(found)
    const version = numberOf(row, 'version')
    if (version > SCHEMA_VERSION)
      throw new SluiceError('SLU5004', {
        message: `expected version ${SCHEMA_VERSION} of the state schema "${session.schema}", found version ${version}`,
        hint: 'use the version of Sluice that wrote it, or a later one',
      })
    return version
  }

  #owners() {
    const { db } = this.#session
    return db
      .selectFrom('meta')
      .selectAll()
      .orderBy('created_at', ascending)
      .orderBy('project', ascending)
      .orderBy('target', ascending)
  }

  #unready({ missing }: Found): SluiceError {
    const found = missing.length === 0 ? 'the row of meta missing' : `${missing.join(', ')} missing`
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

interface Found {
  readonly missing: readonly LedgerTable[]
  /** Undefined when there is no row of meta. */
  readonly version: number | undefined
}

const ATTEMPTS = 6
const FIRST_PAUSE_MS = 20
