/**
 * Finds cycles in a directed graph: one for each group of nodes that can reach each other.
 *
 * @param nodes The nodes, in the order in which they are looked at.
 * @param next Returns the nodes to which a node leads.
 * @returns Each cycle as the nodes on it, in order; the last leads to the first.
 */
export function findCycles<Node>(
  nodes: Iterable<Node>,
  next: (node: Node) => readonly Node[],
): Node[][] {
  const cycles: Node[][] = [];
  const finished = new Set<Node>();
  const position = new Map<Node, number>();
  const tangled = new Set<Node>();
  for (const root of nodes) {
    // No recursion: a chain may be longer than the JavaScript stack is deep.
    const path: { node: Node; rest: Node[] }[] = [];
    const enter = (node: Node) => {
      position.set(node, path.length);
      path.push({ node, rest: [...next(node)] });
    };
    if (!finished.has(root)) enter(root);
    while (path.length > 0) {
      const { node, rest } = path.at(-1)!;
      const target = rest.shift();
      if (target === undefined) {
        path.pop();
        position.delete(node);
        finished.add(node);
      } else if (position.has(target)) {
        const cycle = path.slice(position.get(target)!).map(({ node }) => node);
        if (!cycle.some((node) => tangled.has(node))) cycles.push(cycle);
        cycle.forEach((node) => tangled.add(node));
      } else if (!finished.has(target)) enter(target);
    }
  }
  return cycles;
}
