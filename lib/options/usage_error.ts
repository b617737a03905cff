/** Wrong usage. A command prints what is wrong and its line of usage, and exits 100. */
export class UsageError extends Error {
  override name = "UsageError";
}
