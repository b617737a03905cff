/**
 * Returns a path beside another one, for a directory that is made there and then gets the other path.
 */
export function newPathBeside(path: string): string {
  const suffix = Array.from(
    crypto.getRandomValues(new Uint8Array(4)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  return `${path}:sv-rc-${suffix}`;
}
