/** What becomes of the body of one message of PostgreSQL's protocol. */
export type Translate = (type: string, body: Buffer) => Buffer

/** Cuts what comes in into messages (a letter, the length with itself, the body), and hands on what becomes of each. */
export function translated(translate: Translate, write: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const out: Buffer[] = []
    while (rest.length >= HEADER && rest.length >= 1 + rest.readInt32BE(1)) {
      const end = 1 + rest.readInt32BE(1)
      out.push(
        message(rest.subarray(0, 1), translate(rest.toString('latin1', 0, 1), rest.subarray(HEADER, end))),
      )
      rest = rest.subarray(end)
    }
    if (out.length > 0) write(Buffer.concat(out))
  }
}

const HEADER = 5

function message(type: Buffer, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + body.length)
  return Buffer.concat([type, length, body])
}
