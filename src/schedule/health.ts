import { createServer, type Server } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import type { ServeStatus } from './serve.ts'

/** Six naps of the loop: one slow turn is no reason for a restart, a minute of silence is. */
const LONGEST_SILENCE_MS = 60_000

/** Starts the health endpoints. Throws SLU7001 when the port cannot be had. */
export async function serveHealth(
  status: ServeStatus,
  clock: Clock,
  address: { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = healthAnswer(request.url ?? '/', status, clock)
    response.writeHead(answer.code, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    })
    response.end(request.method === 'HEAD' ? undefined : answer.text)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new SluiceError('SLU7001', {
          message: `expected to listen on ${address.host}:${address.port}, found that we may not (${cause.code})`,
          hint: 'choose another with --port or --host',
          cause,
        }),
      ),
    )
    server.listen(address.port, address.host, resolve)
  })
  return server
}

/** `/healthz`: the loop turns. `/readyz`: it takes work. `/metrics`: counts, in Prometheus' text form. */
export function healthAnswer(
  url: string,
  status: ServeStatus,
  clock: Clock,
): { readonly code: number; readonly text: string } {
  const silentMs = clock.monotonicMs() - status.turnedAtMs
  switch (url.split('?')[0]) {
    case '/healthz':
      return silentMs <= LONGEST_SILENCE_MS || status.state === 'stopping'
        ? { code: 200, text: 'ok\n' }
        : { code: 503, text: `silent for ${Math.round(silentMs / 1000)} s\n` }
    case '/readyz':
      return status.state === 'serving'
        ? { code: 200, text: 'ok\n' }
        : { code: 503, text: `${status.state}\n` }
    case '/metrics':
      return { code: 200, text: metrics(status) }
    default:
      return { code: 404, text: 'there are /healthz, /readyz and /metrics\n' }
  }
}

function metrics(status: ServeStatus): string {
  return [
    '# HELP sluice_runs_total Runs that serve started, by how they ended.',
    '# TYPE sluice_runs_total counter',
    ...Object.entries(status.ended).map(([how, count]) => `sluice_runs_total{status="${how}"} ${count}`),
    '# HELP sluice_syncs_running Syncs that run now or wait for their turn.',
    '# TYPE sluice_syncs_running gauge',
    `sluice_syncs_running ${status.running.size}`,
    '',
  ].join('\n')
}
