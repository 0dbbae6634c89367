import { type Fragment, lit, sql } from '../dialect/fragment.ts'
import { isWriteConflict } from '../warehouse/conflicts.ts'
import type { LeaseKeeper, TakenLease } from './held-lease.ts'
import type { LedgerSession } from './session.ts'

/** Leases in the table `leases`, by the warehouse's clock. */
export function warehouseLeases(session: LedgerSession): LeaseKeeper {
  return {
    clock: session.clock,
    turn: (work) => session.turn(work),
    transaction: (work) => session.warehouse.transaction(work),
    extend: async (lease) => (await session.runTemplate('fence_lease', extension(session, lease))) > 0,
    async extendBeside(lease) {
      const extend = session.statement(
        'renew_lease',
        session.template('fence_lease', extension(session, lease)),
      )
      try {
        const second = await session.second()
        return (await second.execute(extend)) > 0
      } catch (error) {
        if (!isWriteConflict(error)) await session.closeSecond()
        throw error
      }
    },
    async release(lease) {
      await session.runTemplate('release_lease', mine(session, lease))
    },
  }
}

function mine(session: LedgerSession, { name, token }: TakenLease): Readonly<Record<string, Fragment>> {
  const { dialect } = session.warehouse
  return {
    leases: session.named('leases'),
    name: lit(name),
    token: sql`${token}`,
    clock: dialect.fn.clock(),
  }
}

function extension(session: LedgerSession, lease: TakenLease): Readonly<Record<string, Fragment>> {
  const { fn } = session.warehouse.dialect
  const { clock: _, ...fence } = mine(session, lease)
  return { ...fence, expires_at: fn.addSeconds(fn.clock(), sql`${lease.seconds}`) }
}
