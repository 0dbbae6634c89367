import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endsWithUs } from './living.ts'

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'cli', 'main.ts')

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout parsed; throws with what was printed when it does not. */
  json(): Readonly<Record<string, unknown>>
}

/** Runs the command line as a user does: a real process, no terminal. Nothing of our own environment but PATH. */
export function sluice(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliResult> {
  return finished(startSluice(args, options))
}

export function startSluice(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  return endsWithUs(
    spawn(process.execPath, [MAIN, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { PATH: process.env.PATH, HOME: tmpdir(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** What must happen before a process ends; else it would be waited for in vain. */
export async function beforeItEnds<T>(happens: Promise<T>, ended: Promise<CliResult>): Promise<T> {
  const tooSoon = ended.then(({ code, stderr }) => {
    throw new Error(
      `expected it to happen before the process ended, found that it ended with ${code}: ${stderr}`,
    )
  })
  return Promise.race([happens, tooSoon])
}

export function finished(child: ChildProcess): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => {
    stdout += data
  })
  child.stderr?.on('data', (data) => {
    stderr += data
  })
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr, json: () => parsed(stdout, stderr) }))
  })
}

function parsed(stdout: string, stderr: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`expected JSON on stdout, found ${JSON.stringify(stdout)}; stderr: ${stderr}`)
  }
}

/** A folder with these files, removed after the test. */
export function projectFolder(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export interface Receiver {
  readonly url: string
  /** The bodies of all requests so far. */
  readonly bodies: { readonly changes: readonly { readonly op: string; readonly key: object }[] }[]
  /** What it answers from now on. */
  status: number
}

/** A destination on the loopback that takes everything, or answers what it is told to. */
export async function receiver(context: TestContext): Promise<Receiver> {
  const state: Receiver = { url: '', bodies: [], status: 200 }
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (state.status === 200) state.bodies.push(JSON.parse(body))
      response.writeHead(state.status, { 'content-type': 'application/json' })
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows` })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
