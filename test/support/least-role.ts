import type { CompileContext } from '../../src/compile/context.ts'
import { grantSteps } from '../../src/compile/inspect/grants.ts'
import { statementOf } from '../../src/compile/render-step.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'
import { sluice } from './cli.ts'

type Settings = ReadonlyMap<string, string | number>
type Request = Parameters<typeof openWarehouse>[0] & { readonly settings: Settings }

/**
 * A PostgreSQL of which the engine has the rights that `doctor --grants` prints, and no others, from `giveRights` on.
 * Statements of step `test` are the test's own, by the owner: who makes and changes source tables, and looks at all.
 */
export async function openWithOwner(request: Request): Promise<Warehouse> {
  const owner = await openWarehouse(request)
  return request.type === 'postgres' ? withOwner(owner, { request }) : owner
}

/** The rights that this project needs, as they are printed, for the user of the engine, who is made when he is not there. */
export async function giveRights(warehouse: Warehouse, context: RightsContext): Promise<void> {
  const rights = (warehouse as Partial<Owned>)[RIGHTS]
  if (rights === undefined) return
  const { owner, request } = rights
  const { user, password } = engineOf(request.settings)
  const statements = grantsFor(context, String(request.settings.get('database')), user)
  const printed = statements.join(';\n')
  if (rights.given !== printed && (await isGranted(owner, user, password, statements))) rights.given = printed
  rights.engine ??= await openWarehouse({
    ...request,
    settings: asEngine(request.settings),
  })
}

/**
 * The same for a project that the command line runs, by what `doctor --grants` prints in its folder. The target has the
 * settings that `asEngine` gives; `settings` are the owner's.
 */
export async function givePrintedRights(
  folder: string,
  settings: Settings,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const printed = await sluice(['-C', folder, 'doctor', '--grants', '-o', 'json'], { env })
  const { statements = [] } = printed.json() as { readonly statements?: readonly { readonly sql: string }[] }
  const owner = await openWarehouse({ type: 'postgres', directory: '.', settings, runId: 'grants' })
  const { user, password } = engineOf(settings)
  try {
    await isGranted(
      owner,
      user,
      password,
      statements.map(({ sql }) => sql),
    )
  } finally {
    await owner.close()
  }
}

/** The settings of a target whose user is the engine's. */
export function asEngine(settings: Settings): Settings {
  const { user, password } = engineOf(settings)
  return new Map<string, string | number>([...settings, ['user', user], ['password', password]])
}

interface RightsContext
  extends Pick<CompileContext, 'graph' | 'dialect' | 'templates' | 'stateSchema' | 'env'> {
  /** A schema whose tables a query of a source reads: of those the printed grants know nothing, and say so. */
  readonly queried?: string | undefined
}

/** A user for each database: roles belong to the server. */
function engineOf(settings: Settings): {
  readonly user: string
  readonly password: string
} {
  return { user: `engine_of_${settings.get('database')}`, password: 'sluice-engine-password' }
}

/** Shared by the sessions of one warehouse. */
interface Rights {
  readonly request: Request
  readonly owner: Warehouse
  engine?: Warehouse
  /** The statements that were run. */
  given?: string
}

const RIGHTS = Symbol('rights')

interface Owned extends Warehouse {
  readonly [RIGHTS]: Rights
}

function withOwner(owner: Warehouse, { request }: { readonly request: Request }): Owned {
  const rights: Rights = { request, owner }
  return sessionOf(rights, () => rights.engine)
}

function sessionOf(rights: Rights, session: () => Warehouse | undefined): Owned {
  const { owner } = rights
  const engine = () => session() ?? owner
  const of = ({ step }: Statement) => (step === 'test' ? owner : engine())
  return {
    [RIGHTS]: rights,
    dialect: owner.dialect,
    exclusive: owner.exclusive,
    version: () => engine().version(),
    execute: async (statement) => {
      // Rights go with what they are rights on.
      if (/^drop schema/.test(statement.sql)) delete rights.given
      return of(statement).execute(statement)
    },
    read: (statement) => of(statement).read(statement),
    stream: (statement) => of(statement).stream(statement),
    describe: (statement) => of(statement).describe(statement),
    transaction: (work) => engine().transaction(work),
    openSession: async () => {
      const opened = await engine().openSession()
      return session() === undefined ? opened : sessionOf(rights, () => opened)
    },
    cancel: async () => engine().cancel?.(),
    close: async () => {
      await session()?.close()
      if (session() === rights.engine) await owner.close()
    },
  }
}

function grantsFor(context: RightsContext, database: string, user: string): readonly string[] {
  const none = () => {
    throw new Error('expected grants to name no table of a run')
  }
  const compiling: CompileContext = {
    ...context,
    targetType: context.dialect.name,
    asOf: '2026-01-01T00:00:00.000Z' as CompileContext['asOf'],
    tables: { output: none, published: none, temporary: none },
  }
  const steps = grantSteps(compiling, { database, user, warehouse: undefined })
  const { queried, dialect, stateSchema } = context
  const added =
    queried === undefined
      ? []
      : [
          `grant select on all tables in schema ${dialect.quote(queried)} to ${dialect.quote(`${stateSchema}_reader`)}`,
        ]
  return [...steps.map((step) => statementOf(step, dialect).sql), ...added]
}

/** False where a schema of sources is not there yet: nothing can be granted in it. */
async function isGranted(
  owner: Warehouse,
  user: string,
  password: string,
  statements: readonly string[],
): Promise<boolean> {
  const execute = (sql: string) => owner.execute({ step: 'grants', sql })
  let isComplete = true
  // Two that grant on one table at once are in each other's way.
  await execute('select pg_advisory_lock(1)')
  try {
    for (const sql of [`create role ${user} login password '${password}'`, ...statements])
      await execute(sql).catch((error: { readonly code?: string }) => {
        if (error.code === 'SLU3004') isComplete = false
        // Roles are the server's: another database may have made it.
        else if (!sql.includes('create role')) throw error
      })
  } finally {
    await execute('select pg_advisory_unlock(1)')
  }
  return isComplete
}
