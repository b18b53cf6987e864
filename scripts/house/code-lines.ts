/** Not empty, and not a comment. */
export function isCode(line: string): boolean {
  return !/^\s*(?:$|\/\/|\/\*|\*)/.test(line)
}
