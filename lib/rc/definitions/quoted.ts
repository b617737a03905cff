/** Returns a name in quotes, as a message shows it: on one line, whatever is in it. */
export function quoted(name: string): string {
  return /\p{Cc}/u.test(name) ? JSON.stringify(name) : `'${name}'`;
}
