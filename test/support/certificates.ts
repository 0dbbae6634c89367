import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** What a TLS server shows, as PEM. */
export interface ServerIdentity {
  readonly key: string
  readonly cert: string
}

export interface Issued {
  /** Names and IPv4 addresses that it is for. */
  readonly hosts: readonly string[]
  readonly notAfter?: Date
}

/** Made for one test run: no key is ever stored, and nothing but this process trusts it. */
export interface TestAuthority {
  readonly cert: string
  issue(what: Issued): ServerIdentity
}

export function testAuthority(name: string): TestAuthority {
  const { publicKey, privateKey } = newKeys()
  const cert = certificate({
    issuer: name,
    subject: name,
    publicKey,
    signer: privateKey,
    extensions: [IS_AUTHORITY],
  })
  return {
    cert,
    issue: (what) => issued(what, name, privateKey),
  }
}

/** Signed by nobody but itself. */
export function selfSigned(what: Issued): ServerIdentity {
  return issued(what, undefined, undefined)
}

function issued(
  { hosts, notAfter }: Issued,
  issuer: string | undefined,
  signer: KeyObject | undefined,
): ServerIdentity {
  const { publicKey, privateKey } = newKeys()
  const subject = hosts[0] ?? 'nobody'
  const cert = certificate({
    issuer: issuer ?? subject,
    subject,
    publicKey,
    signer: signer ?? privateKey,
    extensions: [namesOf(hosts)],
    notAfter,
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function newKeys(): { readonly publicKey: Buffer; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { publicKey, privateKey: createPrivateKey(privateKey) }
}

interface CertificateParts {
  readonly issuer: string
  readonly subject: string
  readonly publicKey: Buffer
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
  readonly notAfter?: Date | undefined
}

let lastSerial = 0

/** RFC 5280, version 3, ECDSA with SHA-256. */
function certificate(parts: CertificateParts): string {
  lastSerial += 1
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([lastSerial])),
    ECDSA_SHA256,
    nameOf(parts.issuer),
    sequence(timeOf(new Date('2020-01-01')), timeOf(parts.notAfter ?? new Date('2049-01-01'))),
    nameOf(parts.subject),
    parts.publicKey,
    der(0xa3, sequence(...parts.extensions)),
  )
  const signature = sign('sha256', toBeSigned, parts.signer)
  const bytes = sequence(toBeSigned, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature))
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const IS_AUTHORITY = sequence(oid('551d13'), der(0x04, sequence(der(0x01, Buffer.from([0xff])))))

function namesOf(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host)
      ? der(0x87, Buffer.from(host.split('.').map(Number)))
      : der(0x82, Buffer.from(host)),
  )
  return sequence(oid('551d11'), der(0x04, sequence(...names)))
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))))
}

/** UTCTime: of the years to 2049. */
function timeOf(time: Date): Buffer {
  return der(0x17, Buffer.from(`${time.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body])
}
