/** The texts of an array's elements, which are objects, as they stand: parsing would round numbers of more than 15 digits. */
export function jsonElements(array: string): readonly string[] {
  const elements: string[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of array.matchAll(TOKEN)) {
    if (token === '[' || token === '{') {
      if (depth === 1) start = index
      depth += 1
    } else if (token === ']' || token === '}') {
      depth -= 1
      if (depth === 1) elements.push(array.slice(start, index + 1))
    }
  }
  return elements
}

/** A whole string is one token, so that brackets in it do not count. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g
