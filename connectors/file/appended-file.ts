import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DestinationError } from '../../src/connector/errors.ts'

/**
 * A file that grows by whole batches, one after the other. Each is on the disk before it is answered for, and one
 * that fails halfway is taken back, so that the next attempt does not follow half a line.
 */
export class AppendedFile {
  readonly #path: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /**
   * `textOf` gets the first line that the file has, undefined when it is empty. Gives how many bytes it grew by. Throws
   * a DestinationError `stop`.
   */
  append(textOf: (firstLine: string | undefined) => string): Promise<number> {
    const turn = this.#last.then(() => this.#append(textOf))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #append(textOf: (firstLine: string | undefined) => string): Promise<number> {
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      const file = await open(this.#path, 'a+')
      try {
        return await appendTo(file, textOf)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw stopFor(error, this.#path)
    }
  }
}

async function appendTo(
  file: FileHandle,
  textOf: (firstLine: string | undefined) => string,
): Promise<number> {
  const { size } = await file.stat()
  const start = Buffer.alloc(Math.min(size, LONGEST_FIRST_LINE))
  await file.read(start, 0, start.length, 0)
  const text = textOf(firstLineOf(start.toString()))
  try {
    await file.appendFile(text)
    await file.datasync()
    return Buffer.byteLength(text)
  } catch (error) {
    await file.truncate(size)
    throw error
  }
}

/** Of a CSV header; a longer one is no header of ours. */
const LONGEST_FIRST_LINE = 64 * 1024

function firstLineOf(start: string): string | undefined {
  return start === '' ? undefined : start.slice(0, `${start}\n`.indexOf('\n'))
}

/** Trying again does not mend a full disk or a missing right; what is no error of the system is our bug. */
function stopFor(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error
  return new DestinationError('stop', { message: `the file ${path} cannot be written (${code})` })
}
