#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { refuseOldNode } from './node-version.ts'

refuseOldNode()
// Keeps compiled code (never data) between runs: the command line starts in half the time. By its module, since an
// older Node, which is refused in words above, has no such name to import.
nodeModule.enableCompileCache()

process.stdout.on('error', stopOnClosedPipe)
process.stderr.on('error', stopOnClosedPipe)
const { runCommandLine } = await import('./command-line.ts')
const exitCode = await runCommandLine()
// What was printed must have left before the process does; a leaked handle must not keep it.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))

/** `sluice ... | head` closes our stdout: that ends the printing and is no error of ours. */
function stopOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
