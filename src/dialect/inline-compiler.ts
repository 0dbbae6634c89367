import { type IdentifierNode, PostgresQueryCompiler } from 'kysely'
import { SluiceError } from '../base/errors.ts'
import type { FragmentRenderer } from './fragment.ts'
import { LedgerValue } from './ledger-value.ts'

/**
 * Kysely's statements with every value as a literal of the dialect, and names as it quotes them: for warehouses whose
 * parameters have a type that must be told, or that take none.
 */
export class InlineQueryCompiler extends PostgresQueryCompiler {
  readonly #renderer: FragmentRenderer

  constructor(renderer: FragmentRenderer) {
    super()
    this.#renderer = renderer
  }

  protected override visitIdentifier(node: IdentifierNode): void {
    this.append(this.#renderer.quote(this.#renderer.stored(node.name)))
  }

  protected override appendValue(value: unknown): void {
    this.append(this.#printed(value))
  }

  protected override appendImmediateValue(value: unknown): void {
    this.append(this.#printed(value))
  }

  #printed(value: unknown): string {
    if (value instanceof LedgerValue)
      return value.kind === 'timestamp' ? this.#renderer.timestampLiteral(value.text) : value.text
    if (typeof value === 'bigint') return String(value)
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    )
      return this.#renderer.literal(value)
    throw new SluiceError('SLU9001', { message: `expected a value of the ledger, found ${typeof value}` })
  }
}
