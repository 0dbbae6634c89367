import type { PlanFigures } from '../../ledger/ledger.ts'
import { plain } from './plain.ts'
import type { Style } from './style.ts'
import { count, plural } from './table.ts'

/** What the text of a plan shows of one sync; the same figures as in its JSON. */
export interface PlanFacts extends PlanFigures {
  readonly name: string
  /** `hook/rows, mirror`. */
  readonly where: string
  readonly planId: string | undefined
  readonly apiCalls: number
  /** Of a plan, where the warehouse says it. */
  readonly bytesRead?: number | undefined
  readonly guard:
    | { readonly name: string; readonly limit: number | string; readonly value: number }
    | undefined
}

export interface SyncFacts extends PlanFacts {
  readonly status: string
  readonly applied: number
  readonly rejected: number
  readonly pending: number
  readonly requests: number
  readonly seconds: number
  readonly resumed: boolean
  readonly invalid?: number | undefined
  readonly audience?: AudienceFacts | undefined
}

/** What a platform says of an audience, as far as it does. */
export interface AudienceFacts {
  readonly members: number
  readonly size?: number | undefined
  readonly matchRate?: number | undefined
  readonly state?: string | undefined
}

/**
 * ```
 * sync vips_to_crm  (crm/contacts, mirror)
 *   + 1,204 add   ~ 312 change   - 47 remove   = 10,339 unchanged
 *   x 88 held: 61 consent, 27 suppressed
 *   16 API calls; plan 1f2e3d4c
 * ```
 */
export function renderPlan(plan: PlanFacts, style: Style): string {
  return [
    heading(plan, style),
    `  ${changesLine(plan, style)}`,
    ...leftAndHeld(plan, style),
    `  ${plural(plan.apiCalls, 'API call')}${readText(plan)}${plan.planId === undefined ? '' : style('dim', `; plan ${plan.planId}`)}`,
    ...guardLines(plan, style),
  ].join('\n')
}

/** The last line: all plans together, removals last. */
export function renderPlanTotal(plans: readonly PlanFacts[], style: Style): string {
  const sum = (field: 'add' | 'change' | 'remove') => plans.reduce((total, plan) => total + plan[field], 0)
  const [writes, removes] = [sum('add') + sum('change'), sum('remove')]
  const total = `${plural(plans.length, 'sync')}, ${plural(writes, 'upsert')}, ${plural(removes, 'removal')}`
  return `${style('bold', 'Plan')}: ${total}. Nothing was sent.`
}

export function renderSync(sync: SyncFacts, style: Style): string {
  const colour = STATUS_COLOURS[sync.status] ?? 'red'
  const resumed = sync.resumed ? ', resumed' : ''
  return [
    `${heading(sync, style)}  ${style(colour, sync.status)}${resumed}`,
    `  ${changesLine(sync, style)}`,
    ...leftAndHeld(sync, style),
    `  ${answersLine(sync, style)}`,
    ...invalidLines(sync, style),
    ...audienceLines(sync, style),
    ...(sync.status === 'pending' ? [`  ${style('yellow', PENDING)}`] : []),
    ...guardLines(sync, style),
  ].join('\n')
}

const PENDING = '! the destination still works on its jobs; the next run asks for them'

const STATUS_COLOURS: Readonly<Record<string, 'green' | 'yellow' | 'dim'>> = {
  done: 'green',
  partial: 'yellow',
  pending: 'yellow',
  skipped: 'dim',
}

/** What a plan costs where a warehouse takes money for what it reads. */
function readText({ bytesRead }: PlanFacts): string {
  return bytesRead === undefined ? '' : `; reads ${(bytesRead / 1e6).toFixed(1)} MB of the warehouse`
}

function heading(plan: PlanFacts, style: Style): string {
  return `${style('bold', `sync ${plain(plan.name)}`)}  (${plain(plan.where)})`
}

function changesLine(plan: PlanFacts, style: Style): string {
  return [
    style('green', `+ ${count(plan.add)} add`),
    style('yellow', `~ ${count(plan.change)} change`),
    style(plan.remove > 0 ? 'red' : 'dim', `- ${count(plan.remove)} remove`),
    style('dim', `= ${count(plan.unchanged)} unchanged`),
  ].join('   ')
}

function leftAndHeld(plan: PlanFacts, style: Style): readonly string[] {
  const reasons = Object.entries(plan.heldBy).filter(([, rows]) => rows > 0)
  const held = reasons.map(([reason, rows]) => `${count(rows)} ${reason}`).join(', ')
  const { resync = 0, withinTolerance = 0 } = plan
  return [
    ...(withinTolerance > 0
      ? [`  ${style('dim', `. ${count(withinTolerance)} of the unchanged moved within their tolerance`)}`]
      : []),
    ...(resync > 0 ? [`  ${style('dim', `. ${count(resync)} of the changes sent again: resync`)}`] : []),
    ...(plan.left > 0 ? [`  ${style('dim', `. ${count(plan.left)} left as they are there`)}`] : []),
    ...(plan.held > 0 ? [`  ${style('yellow', `x ${count(plan.held)} held`)}: ${held}`] : []),
  ]
}

function answersLine(sync: SyncFacts, style: Style): string {
  const rejected = style(sync.rejected > 0 ? 'red' : 'dim', `${count(sync.rejected)} rejected`)
  const pending = sync.pending > 0 ? `, ${count(sync.pending)} pending` : ''
  const pace = `${plural(sync.requests, 'request')}, ${sync.seconds.toFixed(1)} s`
  return `${count(sync.applied)} applied, ${rejected}${pending}  ${style('dim', `(${pace})`)}`
}

/** The destination does not say whose they are. */
function invalidLines({ invalid = 0 }: SyncFacts, style: Style): readonly string[] {
  if (invalid === 0) return []
  const verb = invalid === 1 ? 'was' : 'were'
  return [
    `  ${style('yellow', `! ${plural(invalid, 'identifier')} ${verb} invalid to the destination, which does not say whose`)}`,
  ]
}

/** `  audience: 1,204 members sent, 1,050 people found, 87.2% matched, READY` */
function audienceLines({ audience }: SyncFacts, style: Style): readonly string[] {
  if (audience === undefined) return []
  const { members, size, matchRate, state } = audience
  const said = [
    `${plural(members, 'member')} sent`,
    ...(size === undefined ? [] : [`${count(size)} people found`]),
    ...(matchRate === undefined ? [] : [`${(matchRate * 100).toFixed(1)}% matched`]),
    ...(state === undefined ? [] : [plain(state)]),
  ]
  return [`  ${style('dim', `audience: ${said.join(', ')}`)}`]
}

function guardLines(plan: PlanFacts, style: Style): readonly string[] {
  const { guard } = plan
  if (guard === undefined) return []
  const side = guard.name === 'min_rows' ? 'under' : 'over'
  const verdict = `guard ${guard.name}: ${count(guard.value)} is ${side} the limit ${guard.limit}`
  return [
    `  ${style('red', `! ${verdict}`)}`,
    ...(plan.planId === undefined
      ? []
      : [`    to send exactly this plan: sluice sync --accept ${plan.planId}`]),
  ]
}
