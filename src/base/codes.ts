/** Who must act. `cli` maps each to one exit code (design section 4). */
export type ErrorKind =
  | 'usage' // bad flags: 64
  | 'project' // bad project, a missing table or column too; nothing ran: 78
  | 'guard' // a guard stopped it before it sent: 4
  | 'busy' // another run holds the lease, or another process the file: 5
  | 'unavailable' // warehouse or destination unreachable, misconfigured, out of disk: 6
  | 'failed' // ran, and something failed: 1
  | 'bug' // our fault: 70

interface CodeEntry {
  readonly kind: ErrorKind
  /** One line for the list of codes. */
  readonly title: string
}

/**
 * Every error code. Numbers are never reused.
 * 1xxx project text, 2xxx references, 3xxx warehouse, 4xxx build and identity, 5xxx sync and ledger,
 * 6xxx connectors and destinations, 7xxx command line, 9xxx our bugs.
 */
export const CODES = {
  // 1xxx: the text of a project (spec)

  // 2xxx: references and meaning (graph)

  // 3xxx: the warehouse

  // 4xxx: templates, build, identity

  // 5xxx: sync and ledger

  // 6xxx: connectors and destinations

  // 7xxx: the command line

  // 9xxx: our bugs
  SLU9001: { kind: 'bug', title: 'a case that cannot happen happened' },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof CODES
