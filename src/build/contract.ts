import { SluiceError } from '../base/errors.ts'
import type { Contraction } from '../compile/identity/contraction.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { StepRunner } from './step-runner.ts'

/** What the rounds gave. */
interface Contracted {
  /** `(v, r)`: the end of each record that is not its own. */
  readonly labels: TableName
  /** Each end is the least record of its component: the order was never drawn anew. */
  readonly endsAreLeast: boolean
}

/**
 * Contracts `edges_0` round by round until no edge is left, then follows each record through all rounds.
 *
 * When two rounds in a row shrink the edges by less than a third, the order of the records is against us: it is drawn
 * anew. Two statements a round and one to compose it.
 */
export async function contract(
  runner: StepRunner,
  rounds: Contraction,
  edgesAtStart: number,
): Promise<Contracted> {
  let round = 0
  let endsAreLeast = true
  let slow = 0
  let edges = edgesAtStart
  do {
    round += 1
    if (round > MOST_ROUNDS) throw endless(edges)
    await runner.run(rounds.hook(round))
    const left = await runner.run(rounds.contract(round))
    slow = left * LEAST_SHRINKING > edges ? slow + 1 : 0
    edges = left
    if (edges > 0 && slow >= SLOW_ROUNDS) {
      round += 1
      endsAreLeast = false
      await drawAnew(runner, rounds, round)
      edges = await runner.run(rounds.contract(round))
      slow = 0
    }
  } while (edges > 0)
  return { labels: await compose(runner, rounds, round), endsAreLeast }
}

const LEAST_SHRINKING = 1.3
const SLOW_ROUNDS = 2

/** A random order halves the edges about once a round; 2^64 records would be done long before. */
const MOST_ROUNDS = 400

/** A 64-bit hash that meets another one is tried again with the next salt. */
const MOST_SALTS = 8

async function drawAnew(runner: StepRunner, rounds: Contraction, round: number): Promise<void> {
  for (let salt = 0; salt < MOST_SALTS; salt += 1) {
    await runner.run(rounds.resalt(round, salt))
    const { collisions } = await runner.readOne(rounds.checkResalt(round))
    if (Number(collisions) === 0) return
    await runner.drop(rounds.hooks(round))
  }
  throw new SluiceError('SLU4202', {
    message: `expected an order that tells all records apart within ${MOST_SALTS} draws, found none`,
  })
}

async function compose(runner: StepRunner, rounds: Contraction, last: number): Promise<TableName> {
  let later = rounds.hooks(last)
  for (let round = last - 1; round >= 1; round -= 1) {
    await runner.run(rounds.compose(round, later))
    later = rounds.labels(round)
  }
  return later
}

function endless(edges: number): SluiceError {
  return new SluiceError('SLU4202', {
    message: `expected all edges to be contracted within ${MOST_ROUNDS} rounds, found ${edges} left`,
  })
}
