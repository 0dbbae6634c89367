/**
 * A request was admitted, and then this process stood still for so long that the lease may not hold until the request
 * must have timed out. Nothing was sent; it is to be admitted again.
 */
export class NotStarted extends Error {
  constructor() {
    super('expected the lease to hold for as long as a request may take, found that it does not any more')
    this.name = 'NotStarted'
  }
}
