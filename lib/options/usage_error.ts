/** Wrong usage: exit code 100, with one line of what is wrong and one of usage. */
export class UsageError extends Error {
  override name = "UsageError";
}
