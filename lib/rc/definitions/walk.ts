/**
 * Returns all that can be reached in a directed graph: the nodes given, and in front of what comes after
 * a node all that is below it. No recursion: a chain may be longer than the stack is deep.
 *
 * @param from The nodes at which to begin.
 * @param next Returns the nodes to which a node leads.
 */
export function reachable<Node>(
  from: Iterable<Node>,
  next: (node: Node) => Iterable<Node>,
): Set<Node> {
  const reached = new Set<Node>();
  const left = [...from].reverse();
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    for (const other of [...next(node)].reverse()) left.push(other);
  }
  return reached;
}

/** Returns the largest of some numbers, however many they are; `least` where none is larger. */
export function largest(numbers: Iterable<number>, least: number): number {
  let result = least;
  for (const number of numbers) if (number > result) result = number;
  return result;
}
