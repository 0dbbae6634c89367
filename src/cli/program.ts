import { Command, Option } from 'commander'
import { RUN_STATUSES } from '../ledger/ledger.ts'
import type { Action } from './answer.ts'
import type {
  BuildFlags,
  DoctorFlags,
  ExportFlags,
  IdentityDiffFlags,
  IdentityFlags,
  IdentityShowFlags,
  PlanFlags,
  PreviewFlags,
  RetryFlags,
  RunsFlags,
  SendFlags,
  ServeFlags,
  SyncFlags,
  UnmaskFlags,
  WaitFlags,
} from './command-flags.ts'
import {
  applyEnvironment,
  duration,
  type Environment,
  GLOBAL_OPTIONS,
  type GlobalFlags,
  wholeNumber,
} from './flags.ts'

/** Called with the chosen command and every global flag. */
export type Invoke = (action: Action, flags: GlobalFlags) => Promise<void>

/** The command line: names, flags and words only. Each command's code is imported when it is chosen. */
export function createProgram(version: string, env: Environment, invoke: Invoke): Command {
  const program = new Command('sluice')
    .description(
      'Customer data in your own warehouse: identity, traits, segments, and syncs of what changed.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
  for (const option of GLOBAL_OPTIONS) program.addOption(option)
  program.hook('preAction', (_program, command) => applyEnvironment(command, env))
  const chosen =
    <T>(bind: (flags: T, names: readonly (string | undefined)[]) => Action) =>
    (...given: readonly unknown[]) => {
      const command = given.at(-1) as Command
      return invoke(bind(command.opts() as T, command.args), command.optsWithGlobals() as GlobalFlags)
    }
  addProjectCommands(program, chosen)
  addWarehouseCommands(program, chosen)
  addDeliveryCommands(program, chosen)
  addServe(program, chosen)
  addHouseCommands(program, chosen)
  return program
}

/** Of every command that sends. */
const DEADLINE = new Option(
  '--deadline <time>',
  'start nothing after so long; what is in flight is finished',
).argParser(duration)
const GRACE = new Option(
  '--grace <time>',
  'after the first signal, how long what is in flight may take (default: 20s)',
).argParser(duration)

type Chosen = <T>(
  bind: (flags: T, names: readonly (string | undefined)[]) => Action,
) => (...given: readonly unknown[]) => Promise<void>

function addProjectCommands(program: Command, chosen: Chosen): void {
  program
    .command('init')
    .argument('[folder]', 'where to write it (default: here)')
    .description('write a working project: a shop with 500 made-up people')
    .action(
      chosen((_flags, [folder]) => async (context) => {
        const { init } = await import('./commands/init.ts')
        return init(context, folder)
      }),
    )
  program
    .command('validate')
    .description('check the project: text, schema, references')
    .option('--connect', 'check tables and columns in the warehouse too')
    .action(
      chosen<{ connect?: boolean }>((flags) => async (context) => {
        const { validate } = await import('./commands/validate.ts')
        return validate(context, flags)
      }),
    )
  program
    .command('compile')
    .description('write the SQL of each step to target/, without a connection')
    .option('--dialect <name>', "the SQL to write (default: the target's)")
    .action(
      chosen<{ dialect?: string }>((flags) => async (context) => {
        const { compile } = await import('./commands/compile.ts')
        return compile(context, flags)
      }),
    )
  program
    .command('schema')
    .description('print the JSON Schema of project files, for editors')
    .action(
      chosen(() => async (context) => {
        const { schema } = await import('./commands/schema.ts')
        return schema(context)
      }),
    )
  const exports = program.command('export').description('what other tools read of the project')
  exports
    .command('dbt-exposures')
    .description('the syncs that read dbt models, as exposures for the dbt project')
    .option('--out <file>', 'write them there instead')
    .action(
      chosen<ExportFlags>((flags) => async (context) => {
        const { exportDbtExposures } = await import('./commands/export-dbt-exposures.ts')
        return exportDbtExposures(context, flags)
      }),
    )
}

function addWarehouseCommands(program: Command, chosen: Chosen): void {
  program
    .command('build')
    .description('make identity, profiles, traits and segments in the warehouse')
    .option('--full-refresh', 'from scratch, keeping ids and first runs')
    .option('--wait <time>', 'how long to wait for another run that holds the lease', duration)
    .action(
      chosen<BuildFlags & WaitFlags>((flags) => async (context) => {
        const { build } = await import('./commands/build.ts')
        return build(context, flags)
      }),
    )
  program
    .command('preview')
    .argument('<segment>', 'the segment to look at')
    .description('count a segment and show a masked sample')
    .addOption(new Option('--limit <rows>', 'rows in the sample').default(10).argParser(wholeNumber))
    .option('--sql', 'print the query instead')
    .option('--by <trait>', 'count by the values of a trait or profile field')
    .option('--overlap <segment>', 'count what it shares with another segment')
    .option('--unmask', 'show text as it is')
    .action(
      chosen<PreviewFlags>((flags, [segment]) => async (context) => {
        const { preview } = await import('./commands/preview.ts')
        return preview(context, segment ?? '', flags)
      }),
    )
  program
    .command('explain')
    .usage('[options] KEY=VALUE in SEGMENT')
    .argument('[key=value]', 'who: by id, profile field, trait or identifier, as email=ada@example.com')
    .argument('[in]', 'this word')
    .argument('[segment]', 'the segment')
    .description('show why one entity is in a segment, or is not: each predicate, and on what values')
    .option('--unmask', 'show text as it is')
    .action(
      chosen<UnmaskFlags>((flags, words) => async (context) => {
        const { explain } = await import('./commands/explain.ts')
        return explain(context, words, flags)
      }),
    )
  addIdentityCommands(program, chosen)
}

function addIdentityCommands(program: Command, chosen: Chosen): void {
  const identity = program.command('identity').description('how records became entities')
  identity
    .command('stats')
    .argument('[entity]', 'the entity (may be left out when there is one)')
    .description('sizes, the largest, what limits refused')
    .action(
      chosen((_flags, [entity]) => async (context) => {
        const { identityStats } = await import('./commands/identity-stats.ts')
        return identityStats(context, entity)
      }),
    )
  identity
    .command('diff')
    .argument('[entity]', 'the entity (may be left out when there is one)')
    .description('what the rules at hand would merge and split; publishes nothing')
    .option('--detailed-exitcode', 'exit 2 when something would be merged or split')
    .action(
      chosen<IdentityDiffFlags>((flags, [entity]) => async (context) => {
        const { identityDiff } = await import('./commands/identity-diff.ts')
        return identityDiff(context, entity, flags)
      }),
    )
  identity
    .command('show')
    .argument('<id>', 'the id of an entity, as preview shows it')
    .description('its records, identifiers, first run, merges and splits')
    .option('--entity <name>', 'which entity, when several have an identity')
    .addOption(new Option('--limit <rows>', 'rows of each list').default(20).argParser(wholeNumber))
    .option('--unmask', 'show text as it is')
    .action(
      chosen<IdentityShowFlags>((flags, [id]) => async (context) => {
        const { identityShow } = await import('./commands/identity-show.ts')
        return identityShow(context, id ?? '', flags)
      }),
    )
  identity
    .command('why')
    .argument('<a>', 'a record, source:record_id, or an identifier, such as email=a@b.example')
    .argument('<b>', 'another')
    .description('the shortest way of shared identifiers between two records')
    .option('--entity <name>', 'which entity, when several have an identity')
    .option('--unmask', 'show text as it is')
    .action(
      chosen<IdentityFlags & UnmaskFlags>((flags, [a, b]) => async (context) => {
        const { identityWhy } = await import('./commands/identity-why.ts')
        return identityWhy(context, [a ?? '', b ?? ''], flags)
      }),
    )
}

function addDeliveryCommands(program: Command, chosen: Chosen): void {
  program
    .command('plan')
    .description('show what each sync would send; sends and publishes nothing')
    .option('--detailed-exitcode', 'exit 2 when there are changes, 4 when a guard would stop one')
    .option('--sample <rows>', 'show that many masked rows of each sync', wholeNumber)
    .action(
      chosen<PlanFlags>((flags) => async (context) => {
        const { plan } = await import('./commands/plan.ts')
        return plan(context, flags)
      }),
    )
  program
    .command('sync')
    .description('build what is needed, plan, and send the changes')
    .option('--no-build', 'use the published build as it is')
    .option('--dry-run', 'the same as plan')
    .option('--limit <rows>', 'send at most that many changes of each sync', wholeNumber)
    .option('--accept <plan-id>', 'send exactly the plan that a guard stopped')
    .option('--full-resync', 'send everything again')
    .option('--adopt', 'take the model as already delivered')
    .option('--sandbox', "send to the connectors' fakes; nothing is kept")
    .option('--wait <time>', 'how long to wait for another run that holds a lease', duration)
    .addOption(DEADLINE)
    .addOption(GRACE)
    .action(
      chosen<SyncFlags>((flags) => async (context) => {
        const { sync } = await import('./commands/sync.ts')
        return sync(context, 'sync', flags)
      }),
    )
  program
    .command('retry')
    .argument('[keys...]', 'only the rows of these keys (default: all rejected rows of the chosen syncs)')
    .description('send rejected rows again now: makes them due, then runs their syncs')
    .option('--reason <text>', 'only rows whose reason has this text in it')
    .option('--no-build', 'use the published build as it is')
    .option('--dry-run', 'only say which rows would be tried again')
    .option('--limit <rows>', 'send at most that many changes of each sync', wholeNumber)
    .option('--wait <time>', 'how long to wait for another run that holds a lease', duration)
    .addOption(DEADLINE)
    .addOption(GRACE)
    .action(
      chosen<RetryFlags>((flags, keys) => async (context) => {
        const { retry } = await import('./commands/retry.ts')
        return retry(context, keys, flags)
      }),
    )
  program
    .command('run')
    .description('everything that is due: build, then syncs; the one command for cron and CI')
    .option('--wait <time>', 'how long to wait for another run that holds a lease', duration)
    .addOption(DEADLINE)
    .addOption(GRACE)
    .action(
      chosen<SendFlags>((flags) => async (context) => {
        const { sync } = await import('./commands/sync.ts')
        return sync(context, 'run', { build: true, ...flags })
      }),
    )
}

function addServe(program: Command, chosen: Chosen): void {
  program
    .command('serve')
    .description('run each sync at its cron times, until SIGTERM')
    .addOption(
      new Option('--port <number>', 'where health and metrics are').default(8080).argParser(wholeNumber),
    )
    .option('--host <address>', 'the address they listen at', '127.0.0.1')
    .addOption(
      new Option('--concurrency <runs>', 'how many runs may go on at once').default(1).argParser(wholeNumber),
    )
    .addOption(GRACE)
    .action(
      chosen<ServeFlags>((flags) => async (context) => {
        const { serve } = await import('./commands/serve.ts')
        return serve(context, flags)
      }),
    )
}

function addHouseCommands(program: Command, chosen: Chosen): void {
  program
    .command('doctor')
    .description('look at all that a run needs: node, project, connection, rights, sources')
    .option('--connect', 'ask destinations which account they are too; nothing is sent otherwise')
    .option('--grants', 'print the SQL of the least rights instead')
    .option('--prove-denied', 'also prove that the user can write to the state schema only')
    .action(
      chosen<DoctorFlags>((flags) => async (context) => {
        const { doctor } = await import('./commands/doctor.ts')
        return doctor(context, flags)
      }),
    )
  const runs = program.command('runs').description('what happened, from the ledger')
  runs
    .command('ls')
    .description('the last runs')
    .addOption(new Option('--limit <runs>', 'how many').default(20).argParser(wholeNumber))
    .option('--sync <name>', 'only runs of this sync')
    .addOption(new Option('--status <status>', 'only runs that ended so').choices(RUN_STATUSES))
    .action(
      chosen<RunsFlags>((flags) => async (context) => {
        const { listRuns } = await import('./commands/runs.ts')
        return listRuns(context, flags)
      }),
    )
  runs
    .command('show')
    .argument('<run-id>', 'as runs ls prints it; its first letters are enough')
    .description('one run: its syncs, what left, what was rejected by cause, and what was held')
    .action(
      chosen((_flags, [runId]) => async (context) => {
        const { showRun } = await import('./commands/runs.ts')
        return showRun(context, runId ?? '')
      }),
    )
  addConnectorCommands(program, chosen)
  addStateCommands(program, chosen)
}

function addConnectorCommands(program: Command, chosen: Chosen): void {
  const connectors = program.command('connectors').description('the destinations that Sluice can write to')
  connectors
    .command('ls')
    .description('all connectors')
    .action(
      chosen(() => async () => {
        const { listConnectors } = await import('./commands/connectors.ts')
        return listConnectors()
      }),
    )
  connectors
    .command('show')
    .argument('<name>', 'the connector')
    .description('its settings, objects, modes and limits')
    .action(
      chosen((_flags, [name]) => async () => {
        const { showConnector } = await import('./commands/connectors.ts')
        return showConnector(name ?? '')
      }),
    )
}

function addStateCommands(program: Command, chosen: Chosen): void {
  const state = program.command('state').description('what Sluice keeps in the warehouse')
  state
    .command('ls')
    .description('snapshots, plans and leases')
    .action(
      chosen(() => async (context) => {
        const { listState } = await import('./commands/state.ts')
        return listState(context)
      }),
    )
  state
    .command('unlock')
    .argument('<lease>', '`build` or `sync:<name>`, as state ls prints it')
    .description('free a lease whose run is surely dead')
    .action(
      chosen((_flags, [lease]) => async (context) => {
        const { unlock } = await import('./commands/state.ts')
        return unlock(context, lease ?? '')
      }),
    )
  state
    .command('drop-plan')
    .argument('<sync>', 'the sync whose interrupted or stopped plan is thrown away')
    .description('throw a kept plan away; what was perhaps sent is sent again')
    .action(
      chosen((_flags, [sync]) => async (context) => {
        const { dropPlan } = await import('./commands/state.ts')
        return dropPlan(context, sync ?? '')
      }),
    )
  addStateCopies(state, chosen)
}

function addStateCopies(state: Command, chosen: Chosen): void {
  state
    .command('export')
    .argument('<file>', 'where to write it')
    .description(
      'write what another state schema needs to go on from this one; it names customers by their keys',
    )
    .action(
      chosen((_flags, [file]) => async (context) => {
        const { exportStateTo } = await import('./commands/state-copy.ts')
        return exportStateTo(context, file ?? '')
      }),
    )
  state
    .command('import')
    .argument('<file>', 'what state export wrote')
    .description('go on from an export, in a state schema that is empty')
    .action(
      chosen((_flags, [file]) => async (context) => {
        const { importStateFrom } = await import('./commands/state-copy.ts')
        return importStateFrom(context, file ?? '')
      }),
    )
  state
    .command('destroy')
    .description('drop all that Sluice made in the warehouse; what was sent stays where it is')
    .option('--abandon', 'also while snapshots say what destinations hold')
    .action(
      chosen<{ abandon?: boolean }>((flags) => async (context) => {
        const { destroy } = await import('./commands/state-destroy.ts')
        return destroy(context, flags)
      }),
    )
}
