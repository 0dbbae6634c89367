import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

type Values = Readonly<Record<string, JsonValue>>

/** People as a workspace keeps them. */
export class FakePeople {
  #people: Values[] = []
  readonly suppressed: HeldRow['key'][] = []
  #made = 0

  identify(identifiers: Values, { _update: isUpdateOnly, ...attributes }: Values): void {
    const at = this.#find(identifiers)
    const known = this.#people[at]
    if (known !== undefined) this.#people[at] = { ...known, ...attributes }
    else if (isUpdateOnly !== true && identifiers.cio_id === undefined) {
      this.#made += 1
      this.#people.push({ cio_id: `cio-${this.#made}`, ...identifiers, ...attributes })
    }
  }

  delete(identifiers: Values): void {
    const at = this.#find(identifiers)
    this.#people = this.#people.filter((_, index) => index !== at)
  }

  suppress(identifiers: Values): void {
    this.delete(identifiers)
    this.suppressed.push(identifiers)
  }

  isSuppressed(identifiers: Values): boolean {
    return this.suppressed.some((one) => JSON.stringify(one) === JSON.stringify(identifiers))
  }

  held(): readonly HeldRow[] {
    return this.#people.map(({ cio_id: cioId = null, ...person }) => {
      const name = ['id', 'email', 'phone'].find((one) => person[one] !== undefined) ?? 'cio_id'
      const { [name]: id = cioId, ...fields } = person
      return { key: { [name]: id }, fields }
    })
  }

  #find(identifiers: Values): number {
    const [[name, value] = ['', null]] = Object.entries(identifiers)
    return this.#people.findIndex((person) => person[name] === value)
  }
}
