/** Text that may come from an attacker, made safe for one line of a log. */
export function printable(value: string, maxLength = 128): string {
  const line = value.replace(/[^ -~]/g, '?')
  return line.length <= maxLength ? line : `${line.slice(0, maxLength)}...`
}
