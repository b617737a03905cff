/**
 * Returns a command line of runit's `sv`, which has its options before the verb, as one that has them after
 * it; undefined where it does not begin with such options, or has no verb.
 *
 * @param args The arguments: `["-w", "5", "start", "web"]`.
 */
export function optionsBehind(args: readonly string[]): string[] | undefined {
  let verb = 0;
  while (/^-v*(v|w\d*)$/.test(args[verb] ?? "")) verb += args[verb]!.endsWith("w") ? 2 : 1;
  if (verb === 0 || verb >= args.length) return undefined;
  return [args[verb]!, ...args.slice(0, verb), ...args.slice(verb + 1)];
}
