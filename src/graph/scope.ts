import { nearestHint } from '../base/nearest.ts'
import type { Located, Position } from '../base/position.ts'
import type { Manifest } from '../connector/types.ts'
import type { Entity, ProfileField, Project, Trait } from '../spec/project.ts'
import { type Disabled, type Kind, withoutDisabled } from './enabled.ts'
import { PlaceFinder } from './place-finder.ts'
import { BRACE_OR_NAME, type Reference } from './references.ts'
import { Report } from './report.ts'
import { Ways } from './ways.ts'

/** A column of an entity's profile table, its id excepted. */
export type ProfileColumn =
  | { readonly kind: 'field'; readonly field: ProfileField }
  | { readonly kind: 'trait'; readonly trait: Trait }

/** A definition, or why there is none that can be used; the reason is in the report by then. */
type Resolved<T> = T | undefined

/** What every check works with: the enabled project, looked up by name, and where mistakes are told. */
export class Scope {
  readonly project: Project
  readonly disabled: Disabled
  readonly manifests: ReadonlyMap<string, Manifest>
  readonly report = new Report()
  readonly places: PlaceFinder
  readonly ways: Ways
  #compared = 0
  readonly #columns = new Map<string, Map<string, ProfileColumn>>()

  constructor(whole: Project, manifests: ReadonlyMap<string, Manifest>) {
    const { project, disabled } = withoutDisabled(whole)
    this.project = project
    this.disabled = disabled
    this.manifests = manifests
    this.places = new PlaceFinder(project.texts)
    this.ways = new Ways(project.sources, project.entities)
    for (const entity of project.entities.values())
      this.#columns.set(
        entity.name,
        new Map(entity.profile.map((field) => [field.name, { kind: 'field', field }])),
      )
    for (const trait of project.traits)
      this.#columns.get(trait.entity.value)?.set(trait.name, { kind: 'trait', trait })
  }

  /** Fields, then traits, of an entity. */
  columnsOf(entity: string): ReadonlyMap<string, ProfileColumn> {
    return this.#columns.get(entity) ?? NO_COLUMNS
  }

  /** The definition of this name among `all`; told when there is none, or it is disabled. */
  resolve<T>(kind: Kind, { value, at }: Located<string>, all: ReadonlyMap<string, T>): Resolved<T> {
    const found = all.get(value)
    if (found !== undefined) return found
    if (this.disabled[kind].has(value)) this.#tellDisabled(kind, value, at)
    else
      this.report.error('SLU2001', {
        message: `expected the name of ${withArticle(kind)}, found "${value}"`,
        at,
        hint: this.hint(value, all.keys()) ?? (all.size === 0 ? `there is no ${kind}` : undefined),
      })
    return undefined
  }

  /**
   * The profile column of this name; told when the entity has none. `at` is asked only then; `others` are names that
   * could be meant too.
   */
  column(
    entity: Entity,
    name: string,
    at: () => Position,
    others: readonly string[] = [],
  ): Resolved<ProfileColumn> {
    const columns = this.columnsOf(entity.name)
    const found = columns.get(name)
    if (found !== undefined) return found
    if (this.disabled.trait.has(`${entity.name}.${name}`)) {
      this.#tellDisabled('trait', name, at())
      return undefined
    }
    const owner = [...this.#columns].find(([, known]) => known.has(name))?.[0]
    const candidates = [...columns.keys(), ...others]
    this.report.error('SLU2003', {
      message: `expected a trait or profile field of ${entity.name}, found "${name}"${owner === undefined ? '' : `, which is one of ${owner}`}`,
      at: at(),
      hint:
        owner === undefined
          ? (this.hint(name, candidates) ?? (candidates.length === 0 ? `${entity.name} has none` : undefined))
          : undefined,
    })
    return undefined
  }

  /** The nearest of the names, or all of them when they are few. Not in a project with thousands of mistakes. */
  hint(name: string, candidates: Iterable<string>): string | undefined {
    const all = [...candidates]
    this.#compared += all.length
    return this.#compared > MOST_COMPARISONS ? undefined : nearestHint(name, all)
  }

  /** Where a `{name}` stands. */
  placeOf({ name, text, nth }: Reference): Position {
    return this.places.inText(text.at, BRACE_OR_NAME, nth, `{${name}}`)
  }

  #tellDisabled(kind: string, name: string, at: Position): void {
    this.report.error('SLU2002', {
      message: `expected ${withArticle(kind)} that is enabled, found "${name}", which is disabled`,
      at,
      hint: `take "enabled: false" out of ${kind} "${name}", or this reference to it`,
    })
  }
}

/** About a tenth of a second; a name is compared with every other name of its kind. */
const MOST_COMPARISONS = 100_000

const NO_COLUMNS: ReadonlyMap<string, ProfileColumn> = new Map()

function withArticle(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`
}
