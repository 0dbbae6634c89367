import type { Ids } from '../base/ids.ts'

/** Numbers from 0 to below 1, of the same chance as ids: a run whose ids are given is the same again. */
export function randomOf(ids: Ids): () => number {
  return () => Number.parseInt(ids.hex(6), 16) / 2 ** 48
}
