import type { RunStatus } from '../ledger/ledger.ts'

/** The flags of each command, as commander leaves them. */
export interface BuildFlags {
  readonly fullRefresh?: boolean
}

export interface PreviewFlags {
  readonly limit: number
  readonly sql?: boolean
  readonly by?: string
  readonly overlap?: string
  readonly unmask?: boolean
}

export interface ExportFlags {
  /** The file to write, instead of stdout. */
  readonly out?: string
}

export interface UnmaskFlags {
  readonly unmask?: boolean
}

export interface IdentityFlags {
  /** Which entity, when several have an identity. */
  readonly entity?: string
}

export interface IdentityShowFlags extends IdentityFlags, UnmaskFlags {
  readonly limit: number
}

export interface IdentityDiffFlags {
  readonly detailedExitcode?: boolean
}

export interface PlanFlags {
  readonly detailedExitcode?: boolean
  readonly sample?: number
}

/** Of commands that send; milliseconds. */
export interface SendFlags {
  readonly wait?: number
  readonly deadline?: number
  readonly grace?: number
}

export interface SyncFlags extends SendFlags {
  /** `--no-build` makes it false. */
  readonly build: boolean
  readonly dryRun?: boolean
  readonly limit?: number
  readonly accept?: string
  readonly fullResync?: boolean
  readonly adopt?: boolean
  readonly sandbox?: boolean
}

export interface RetryFlags extends SendFlags {
  readonly build: boolean
  readonly dryRun?: boolean
  readonly limit?: number
  /** A part of the reason for which rows were rejected. */
  readonly reason?: string
}

export interface RunsFlags {
  readonly limit: number
  readonly sync?: string
  readonly status?: RunStatus
}

export interface DoctorFlags {
  readonly grants?: boolean
  readonly proveDenied?: boolean
  readonly connect?: boolean
}

export interface WaitFlags {
  readonly wait?: number
}

export interface ServeFlags {
  readonly port: number
  readonly host: string
  readonly concurrency: number
  /** Milliseconds. */
  readonly grace?: number
}
