import { errors } from 'undici'
import { DestinationError } from './errors.ts'
import { ConnectError } from './request-guard.ts'

/**
 * What the engine must do when no answer came. A destination that cannot be reached is tried again and was sent
 * nothing; one that broke off after the connection stood may have applied what it got. Anything that is no error of
 * the network (our bug) comes back as it is.
 */
export function errorOfNetwork(error: unknown, request: string): unknown {
  if (error instanceof DestinationError) return error
  if (error instanceof ConnectError) return errorOfConnecting(error.reason, request)
  const code = codeOf(error) ?? (error instanceof errors.HTTPParserError ? 'it is no HTTP' : undefined)
  if (code === undefined) return error
  if (UNSENDABLE.has(code))
    return new DestinationError('stop', {
      message: `${request} cannot be sent: a header holds a character that headers may not have`,
    })
  return new DestinationError('retry', { message: `${request} broke off (${code})`, ambiguous: true })
}

export function errorOfTimeout(request: string, timeoutMs: number): DestinationError {
  return new DestinationError('retry', {
    message: `${request} was not answered within ${timeoutMs / 1000} s`,
    ambiguous: true,
  })
}

/** Of ours: the run ends, and does not wait any longer. */
export function errorOfGivingUp(request: string): DestinationError {
  return new DestinationError('retry', {
    message: `${request} was given up, as the run was stopped`,
    ambiguous: true,
  })
}

function errorOfConnecting(reason: Error, request: string): DestinationError {
  if (reason instanceof DestinationError) return reason
  const code = codeOf(reason) ?? 'no connection'
  if (CERTIFICATE.test(code))
    return new DestinationError('stop', {
      message: `${request} was not sent: the certificate is not trusted (${code}): renew it there, or tell Node.js of its authority with NODE_EXTRA_CA_CERTS`,
    })
  return new DestinationError('retry', {
    message: `${request} could not connect (${code})`,
    ambiguous: false,
  })
}

/** Another attempt finds the same certificate; a destination that is only down is refused or times out. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME|INVALID_CA|INVALID_PURPOSE/

const UNSENDABLE: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
])

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
