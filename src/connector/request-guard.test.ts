import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DestinationError } from './errors.ts'
import { guardedUrl } from './request-guard.ts'

const PUBLIC = { allowPrivateNetwork: false }
const PRIVATE = { allowPrivateNetwork: true }

function refusal(text: string, rules: typeof PUBLIC): string {
  try {
    guardedUrl(text, rules)
  } catch (error) {
    assert.ok(error instanceof DestinationError)
    assert.deepEqual([error.action, error.ambiguous], ['stop', false])
    return error.message
  }
  return assert.fail(`${text} was let through`)
}

test('a public https URL passes, as the parser reads it', () => {
  assert.equal(
    guardedUrl('HTTPS://API.example.com:443/a b?c=é', PUBLIC).href,
    'https://api.example.com/a%20b?c=%C3%A9',
  )
  guardedUrl('https://8.8.8.8/', PUBLIC)
  guardedUrl('https://[2606:4700:4700::1111]/', PUBLIC)
  guardedUrl('https://8.8.8.8/', PRIVATE)
})

/** Every way that people and attackers write the loopback; `URL` reads them all as one address. */
const LOOPBACKS = [
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://0177.0.0.01/',
  'https://127.0.0.1./',
  'https://１２７.0.0.1/',
  'https://127。0。0。1/',
  'https://%31%32%37.0.0.1/',
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
]

for (const url of LOOPBACKS)
  test(`the loopback written as ${url} is refused, unless the private network is allowed`, () => {
    assert.match(refusal(url, PUBLIC), /expected a public address, found the address/)
    guardedUrl(url, PRIVATE)
    guardedUrl(url.replace('https:', 'http:'), PRIVATE)
  })

const NEVER = [
  'http://169.254.169.254/latest/meta-data',
  'https://0xa9fea9fe/',
  'https://[::ffff:169.254.169.254]/',
  'https://[fd00:ec2::254]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://0.0.0.0/',
  'https://0/',
  'https://[::]/',
  'https://255.255.255.255/',
  'https://[fe80::1]/',
]

for (const url of NEVER)
  test(`${url} is refused whatever the settings`, () => {
    refusal(url, PUBLIC)
    assert.match(refusal(url, PRIVATE), /expected an address that requests may go to/)
  })

test('plain http goes to private addresses only, and only where they are allowed', () => {
  assert.match(refusal('http://api.example.com/', PUBLIC), /expected an https URL/)
  assert.match(refusal('http://127.0.0.1/', PUBLIC), /expected an https URL/)
  assert.match(refusal('http://8.8.8.8/', PRIVATE), /expected https to a public address/)
})

test('other protocols, texts that are no URL, and credentials in a URL are refused without being quoted', () => {
  for (const url of ['ftp://a.example/', 'file:///etc/passwd', 'data:,a', 'javascript:1'])
    assert.match(refusal(url, PRIVATE), /expected an https URL, found one of the protocol/)
  for (const url of ['', 'nowhere', '//a.example', 'https://', 'https://a b/', 'https://[::1'])
    assert.match(refusal(url, PRIVATE), /found a text that is none/)
  const message = refusal('https://mary:hunter22@a.example/', PRIVATE)
  assert.match(message, /without a user name or password/)
  assert.doesNotMatch(message, /mary|hunter22/)
})
