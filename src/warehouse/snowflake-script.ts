/** Whether several statements stand in a text: a semicolon outside of texts, names, comments and blocks. */
export function isScript(sql: string): boolean {
  return /;\s*\S/.test(sql.replaceAll(OPAQUE, ' '))
}

const OPAQUE = /'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|\$\$.*?\$\$|--[^\n]*|\/\*.*?\*\//gs
