import type { ErrorCode } from '../base/codes.ts'
import { type ErrorDetails, SluiceError } from '../base/errors.ts'
import type { Warning } from '../base/warning.ts'

/** Collects what is wrong, so that a project's mistakes are told all at once. */
export class Report {
  readonly #errors: SluiceError[] = []
  readonly #warnings: Warning[] = []

  error(code: ErrorCode, details: ErrorDetails): void {
    this.#errors.push(new SluiceError(code, details))
  }

  warn(warning: Warning & { readonly code: ErrorCode }): void {
    this.#warnings.push(warning)
  }

  /** By file and line. */
  get errors(): readonly SluiceError[] {
    return this.#errors.toSorted(byPlace)
  }

  get warnings(): readonly Warning[] {
    return this.#warnings.toSorted(byPlace)
  }
}

type Placed = Pick<Warning, 'at'>

function byPlace(a: Placed, b: Placed): number {
  const [fileA, fileB] = [a.at?.file ?? '', b.at?.file ?? '']
  if (fileA !== fileB) return fileA < fileB ? -1 : 1
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}
