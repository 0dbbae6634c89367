import { DestinationError } from '../../src/connector/errors.ts'

/** What the server, or the way to it, says of a statement. */
interface ServerError {
  readonly message: string
  /** SQLSTATE of the server, else of Node.js. */
  readonly code?: string
  readonly severity?: string
}

interface Circumstances {
  /** Takes values of rows out of what the server says; undefined: nothing is left. */
  readonly wordsOf: (said: string) => string | undefined
  /** The statement had left: without an answer it may have been applied. */
  readonly sent: boolean
}

/** Whether the session is as it was before the statement that failed so. */
export function keepsSession(error: unknown): boolean {
  const { severity } = error as Partial<ServerError>
  return severity === 'ERROR'
}

/** What the engine must do. What is no error of a database, and so was not sent, comes back as it is. */
export function errorOf(error: unknown, circumstances: Circumstances): unknown {
  if (error instanceof DestinationError || !(error instanceof Error)) return error
  const { code, severity, message } = error as Error & Partial<ServerError>
  if (severity !== undefined && code !== undefined) return ofServer({ message, code }, circumstances)
  if (isOfTls(code, message))
    return new DestinationError('stop', {
      message: `the server's certificate or encryption is not what sslmode asks for (${code ?? 'TLS'}): check sslmode and ca`,
    })
  if (!isOfConnection(code, message)) return error
  return new DestinationError('retry', {
    message: `the connection to PostgreSQL broke off (${code ?? 'no answer'})`,
    ambiguous: circumstances.sent,
  })
}

function ofServer(
  { code, message }: { readonly code: string; readonly message: string },
  { wordsOf, sent }: Circumstances,
): DestinationError {
  const said = wordsOf(message)
  const words = `PostgreSQL says${said === undefined || said === '' ? '' : ` "${said}"`} (${code})`
  const rule = RULES.find(({ begins }) => begins.some((start) => code.startsWith(start))) ?? UNKNOWN
  return new DestinationError(rule.action, {
    message: rule.hint === undefined ? words : `${words}: ${rule.hint}`,
    ...(rule.status === undefined ? {} : { status: rule.status }),
    ambiguous: rule.ambiguous === true && sent,
  })
}

interface Rule {
  /** Of SQLSTATE: a class is two characters. The first rule that fits is meant. */
  readonly begins: readonly string[]
  readonly action: DestinationError['action']
  /** As an API would say it. */
  readonly status?: number
  /** What people are to do. */
  readonly hint?: string
  readonly ambiguous?: true
}

const RULES: readonly Rule[] = [
  // A value, or a constraint, of some row; and two rows of a batch that are one to the table.
  { begins: ['21', '22', '23', '54'], action: 'split' },
  { begins: ['28'], action: 'stop', status: 401, hint: 'check user and password' },
  { begins: ['42501'], action: 'stop', status: 403, hint: 'grant it to the user' },
  { begins: ['3D', '3F', '42P01'], action: 'stop', status: 404, hint: 'check database, schema and table' },
  { begins: ['42703'], action: 'stop', hint: 'check the fields of match and map' },
  { begins: ['42P10'], action: 'stop', hint: 'make a unique index of the columns of match' },
  { begins: ['25006'], action: 'stop', hint: 'write to the primary server, not to a replica' },
  // Rolled back: nothing of it was applied.
  { begins: ['40', '53', '55P03', '57014'], action: 'retry' },
  { begins: ['08', '57P', '58', 'XX'], action: 'retry', ambiguous: true },
]

const UNKNOWN: Rule = { begins: [], action: 'stop' }

function isOfTls(code: string | undefined, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ERR_SSL|INVALID_CA/.test(code ?? '') || /SSL/.test(message)
}

/** Some of the driver's own have no code. */
function isOfConnection(code: string | undefined, message: string): boolean {
  return (
    /^(E[A-Z]+|ERR_STREAM_\w+)$/.test(code ?? '') ||
    /^(Connection terminated|timeout expired|timeout exceeded|Query read timeout|Client has encountered|Client was closed)/.test(
      message,
    )
  )
}
