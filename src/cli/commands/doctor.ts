import { SluiceError } from '../../base/errors.ts'
import type { RunContext } from '../../build/run-context.ts'
import { type Check, check, failedCheck } from '../../inspect/doctor-check.ts'
import type { Target } from '../../spec/project.ts'
import type { Answer } from '../answer.ts'
import type { DoctorFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-codes.ts'
import { plain } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { plural } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { findVerdict } from '../verdict.ts'

/**
 * Looks at all that a run needs, and says what to do where something is not right. Sends nothing; only with
 * `--connect` destinations are asked which account they are. With `--prove-denied`: that the user of the target can write
 * to its state schema only. With `--grants`: the SQL of the least rights instead.
 */
export async function doctor(context: CommandContext, flags: DoctorFlags): Promise<Answer> {
  if (flags.grants === true) return grants(context)
  const checks: Check[] = [nodeCheck(process.versions.node)]
  const project = await projectCheck(context)
  checks.push(project)
  if (project.status !== 'failed') checks.push(...(await projectChecks(context, flags)))
  const failures = checks.flatMap(({ error }) => (error === undefined ? [] : [error]))
  return {
    json: { ok: failures.length === 0, checks: checks.map(checkJson) },
    text: (style) => [...checks.map((one) => checkText(one, style)), summaryOf(checks, style)].join('\n'),
    exitCode: worstOf(failures.map(exitCodeOf)),
  }
}

const OLDEST_NODE = [22, 19] as const

/** `version` as Node says it: `22.19.0`. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
    return { name: 'node', status: 'ok', message: version }
  return failedCheck(
    'node',
    new SluiceError('SLU7017', {
      message: `expected Node.js ${OLDEST_NODE.join('.')} or newer, found ${version}`,
      hint: 'install a newer one: https://nodejs.org',
    }),
  )
}

function projectCheck(context: CommandContext): Promise<Check> {
  return check('project', async () => {
    const { errors, warnings, contents } = await findVerdict(context)
    const [first] = errors
    if (first !== undefined)
      return {
        ...failedCheck('project', first),
        message: `${plural(errors.length, 'error')}; the first: ${first.message}`,
        hint: 'see all of them: sluice validate',
      }
    if (warnings.length === 0) return { message: contents }
    const message = `${contents}; ${plural(warnings.length, 'warning')}`
    return { status: 'warning', message, hint: 'see them: sluice validate' }
  })
}

async function projectChecks(context: CommandContext, flags: DoctorFlags): Promise<readonly Check[]> {
  const graph = await context.graph()
  let target: Target
  try {
    target = await context.target()
  } catch (error) {
    return [failedCheck('target', error)]
  }
  const { environmentCheck, destinationCheck } = await import('../doctor-settings.ts')
  const { fieldsCheck } = await import('../doctor-fields.ts')
  const environment = environmentCheck(graph, target, context.env)
  const checks = [environment, ...(await targetChecks(context, flags, target, environment))]
  const connectors = await context.connectors()
  const { clock, env, directory } = context
  const options = { clock, env, target, directory, connect: flags.connect === true }
  for (const destination of graph.project.destinations.values()) {
    const entry = connectors.get(destination.connector.value)
    if (entry === undefined) continue
    const found = await destinationCheck(destination, entry, options)
    checks.push(found)
    if (found.status !== 'ok' || !options.connect || target.send !== 'real') continue
    for (const sync of graph.project.syncs.values())
      if (sync.to.destination.value === destination.name && sync.map.length > 0)
        checks.push(await fieldsCheck(graph.bound(sync.name), entry, options))
  }
  return checks
}

/** What needs the warehouse is left out when it cannot be reached. */
async function targetChecks(
  context: CommandContext,
  flags: DoctorFlags,
  target: Target,
  environment: Check,
): Promise<readonly Check[]> {
  if (environment.status === 'failed') return []
  let run: RunContext | undefined
  const connected = await check(`target ${target.name}`, async () => {
    run = await openRun(context)
    const send = target.send === 'real' ? '' : `; send: ${target.send}`
    return { message: `${await run.warehouse.version()}${send}` }
  })
  if (run === undefined || connected.status === 'failed') return [connected]
  const { warehouseChecks } = await import('../../inspect/doctor.ts')
  const checks = [connected, ...(await warehouseChecks(run))]
  if (flags.proveDenied !== true) return checks
  const { deniedCheck } = await import('../../inspect/doctor-rights.ts')
  return [...checks, await deniedCheck(run)]
}

function checkJson({ name, status, message, hint, columns }: Check) {
  return { name, status, message, hint: hint ?? null, ...(columns === undefined ? {} : { columns }) }
}

const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const

function checkText({ name, status, message, hint }: Check, style: Style): string {
  const line = `${style(COLOURS[status], status.padEnd('warning'.length))}  ${plain(name)}: ${plain(message)}`
  return hint === undefined ? line : `${line}\n         = ${plain(hint)}`
}

function summaryOf(checks: readonly Check[], style: Style): string {
  const count = (status: Check['status']) => checks.filter((one) => one.status === status).length
  const [failed, warnings] = [count('failed'), count('warning')]
  if (failed > 0) return style('red', `${plural(failed, 'check')} of ${checks.length} failed`)
  const besides = warnings === 0 ? '' : `, with ${plural(warnings, 'warning')}`
  return `${style('green', 'all is well')}${besides}`
}

/** Of a user or database whose name is not known here. */
const UNKNOWN = { user: 'the_user', database: 'the_database' }

async function grants(context: CommandContext): Promise<Answer> {
  const { offlineContext } = await import('../run-context.ts')
  const { grantSteps } = await import('../../compile/inspect/grants.ts')
  const { statementOf } = await import('../../compile/render-step.ts')
  const { resolveEnvText } = await import('../../spec/env.ts')
  const compiling = await offlineContext(context)
  const target = await context.target()
  const setting = (name: string, ...others: readonly string[]) => {
    const written = [name, ...others].map((one) => target.settings.get(one)).find(Boolean)
    return typeof written === 'object' ? resolveEnvText(written, context.env) : written?.toString()
  }
  const steps = grantSteps(compiling, {
    database: setting('database', 'catalog', 'execution_project', 'project') ?? UNKNOWN.database,
    // The client of a refresh token is nobody's name.
    user:
      setting('user', 'impersonate_service_account') ??
      (target.settings.has('refresh_token') ? undefined : setting('client_id')) ??
      UNKNOWN.user,
    warehouse: setting('warehouse'),
  })
  const statements = steps.map((step) => ({
    summary: step.summary,
    sql: statementOf(step, compiling.dialect).sql,
  }))
  const text = [
    `-- The least rights for project ${compiling.graph.project.name} on target ${target.name}.`,
    statements.length === 0
      ? `-- None are needed: ${compiling.dialect.name} gives no rights to users; who may write its file may do all.`
      : "-- Run it as the owner of the database and of the sources' schemas. Add what queries of sources read elsewhere.",
    ...statements.map(({ summary, sql }) => `-- ${summary}\n${sql};`),
  ].join('\n')
  return { json: { target: target.name, statements }, text: () => text }
}
