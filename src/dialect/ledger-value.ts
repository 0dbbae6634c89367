import type { Instant } from '../base/instant.ts'

/**
 * A value of the ledger that is written as text where values are parameters, and where they are literals as what it is:
 * the only two kinds that not every warehouse makes of a text by itself.
 */
export class LedgerValue {
  readonly kind: 'timestamp' | 'number'
  readonly text: string

  constructor(kind: LedgerValue['kind'], text: string) {
    this.kind = kind
    this.text = text
  }
}

export function moment(at: Instant): LedgerValue {
  return new LedgerValue('timestamp', at)
}

export function optionalMoment(at: Instant | undefined): LedgerValue | null {
  return at === undefined ? null : moment(at)
}
