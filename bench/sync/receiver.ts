import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A receiver in a process of its own, started by `start-receiver.ts`: takes every request and answers 200. Asked for
 * it, tells how much it was sent since it was asked last.
 */
const sent = { requests: 0, bytes: 0 }

const server = createServer((request, response) => {
  sent.requests += 1
  request.on('data', (part: Buffer) => {
    sent.bytes += part.length
  })
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
})

process.on('message', () => {
  process.send?.({ ...sent })
  sent.requests = 0
  sent.bytes = 0
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
