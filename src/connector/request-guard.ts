import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { type AddressKind, addressKind } from './address.ts'
import { DestinationError } from './errors.ts'

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export interface GuardRules {
  /** Also lets private addresses through, and plain http to them only. */
  readonly allowPrivateNetwork: boolean
  /** Tests answer for the resolver. */
  readonly resolve?: Resolve | undefined
}

/**
 * The URL, parsed, if a request may name it. Numeric host forms (`2130706433`, `0x7f.1`) are addresses here, because
 * `URL` makes them plain; a name is checked when it is resolved. Throws a DestinationError `stop`.
 */
export function guardedUrl(text: string, rules: GuardRules): URL {
  const url = URL.parse(text)
  if (url === null) throw refused('expected a URL, found a text that is none')
  if (url.username !== '' || url.password !== '')
    throw refused(`expected a URL without a user name or password, found one with, of ${url.host}`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused(`expected an https URL, found one of the protocol "${url.protocol}"`)
  if (url.protocol === 'http:' && !rules.allowPrivateNetwork)
    throw refused(`expected an https URL, found a plain http one of ${url.host}`)
  const host = bareHost(url.hostname)
  if (isIP(host) !== 0) checkAddress(host, url.protocol, rules, host)
  return url
}

/** The host of a connection that does not speak HTTP, as `guardedUrl` reads and judges it. Throws the same. */
export function guardedHost(host: string, encrypted: boolean, rules: GuardRules): string {
  const url = /[\s/?#@%\\]/.test(host) ? null : URL.parse(`https://${isIP(host) === 6 ? `[${host}]` : host}`)
  if (url === null || url.port !== '') throw refused('expected the name of a host, found a text that is none')
  if (!encrypted && !rules.allowPrivateNetwork)
    throw refused(`expected an encrypted connection, found a plain one to ${url.hostname}`)
  const plain = bareHost(url.hostname)
  if (isIP(plain) !== 0) checkAddress(plain, encrypted ? 'tls:' : 'tcp:', rules, plain)
  return plain
}

/**
 * Opens sockets only to addresses that were checked: the very address that was judged is connected to, so a name
 * that resolves to something else a moment later gains nothing.
 */
export function guardedConnector(rules: GuardRules, timeoutMs: number): buildConnector.connector {
  const https = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: guardedLookup('https:', rules) })
  const http = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: guardedLookup('http:', rules) })
  return (options, callback) => {
    const host = bareHost(options.hostname)
    try {
      // The system asks no resolver about an address, so the lookup would never see it.
      if (isIP(host) !== 0) checkAddress(host, options.protocol, rules, host)
    } catch (error) {
      callback(error as Error, null)
      return
    }
    const connect = options.protocol === 'https:' ? https : http
    connect(options, (error, socket) => {
      if (error !== null) callback(new ConnectError(error), null)
      else callback(null, socket)
    })
  }
}

/** No connection came about, so nothing was sent. */
export class ConnectError extends Error {
  readonly reason: Error

  constructor(reason: Error) {
    super('no connection')
    this.name = 'ConnectError'
    this.reason = reason
  }
}

/** Answers with addresses that were checked, for a connection of this protocol. */
export function guardedLookup(protocol: string, rules: GuardRules): LookupFunction {
  const resolve = rules.resolve ?? ((host) => lookup(host, { all: true }))
  return (host, options, callback) => {
    resolve(host)
      .then((addresses) => {
        for (const { address } of addresses) checkAddress(address, protocol, rules, host)
        const [first] = addresses
        if (first === undefined) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
        return { first, addresses }
      })
      .then(
        ({ first, addresses }) =>
          options.all === true ? callback(null, [...addresses]) : callback(null, first.address, first.family),
        (error) => callback(error, '', 0),
      )
  }
}

function checkAddress(address: string, protocol: string, rules: GuardRules, host: string): void {
  const kind: AddressKind = addressKind(address)
  const found = host === address ? `the address ${address}` : `${host}, which resolves to ${address}`
  if (kind === 'forbidden') throw refused(`expected an address that requests may go to, found ${found}`)
  if (kind === 'private' && !rules.allowPrivateNetwork)
    throw refused(`expected a public address, found ${found}`)
  if (kind === 'public' && protocol === 'tcp:')
    throw refused(`expected an encrypted connection to a public address, found a plain one to ${found}`)
  if (kind === 'public' && protocol === 'http:')
    throw refused(`expected https to a public address, found plain http to ${found}`)
}

function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function refused(message: string): DestinationError {
  return new DestinationError('stop', { message: `the request guard refused it: ${message}` })
}
