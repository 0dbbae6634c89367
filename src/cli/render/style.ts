import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours text for one stream; plain in a pipe, with NO_COLOR and on a dumb terminal. */
export type Style = (format: Format, text: string) => string

export const unstyled: Style = (_format, text) => text

export function styleFor(
  stream: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Style {
  if (env.TERM === 'dumb' && env.FORCE_COLOR === undefined) return unstyled
  return (format, text) => styleText(format, text, { stream })
}
