import { nestedTransaction } from './problem.ts'

/** What an engine calls the ends of a transaction. */
export interface TransactionControl {
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/**
 * Transactions of an engine that holds only rows together (`supports.transactions` is `rows`): a statement that defines
 * tables commits what is open. A transaction begins with its first statement of rows, so that none is opened in vain.
 */
export class RowTransactions {
  readonly #control: TransactionControl
  #asked = false
  #open = false

  constructor(control: TransactionControl) {
    this.#control = control
  }

  /** A statement that fails now has undone those before it too. */
  get isOpen(): boolean {
    return this.#open
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.#asked) throw nestedTransaction()
    this.#asked = true
    try {
      const result = await work()
      await this.#commit()
      return result
    } catch (error) {
      // a session that was lost has rolled back by itself
      if (this.#open) await this.#control.rollback().catch(() => {})
      throw error
    } finally {
      this.#open = false
      this.#asked = false
    }
  }

  /** To be called before each statement of the session. */
  async before(sql: string): Promise<void> {
    if (!this.#asked) return
    if (definesTables(sql)) return this.#commit()
    if (this.#open) return
    await this.#control.begin()
    this.#open = true
  }

  async #commit(): Promise<void> {
    if (!this.#open) return
    await this.#control.commit()
    this.#open = false
  }
}

/** Whether a statement of ours makes, changes or drops tables, by its first word. */
export function definesTables(sql: string): boolean {
  return /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*(?:create|drop|alter|grant|revoke|truncate)\b/is.test(sql)
}
