import type { Graph, Node } from "../definitions/graph.ts";

/** The forms in which a graph can be drawn. */
export type GraphForm = "text" | "dot" | "mermaid";

/** All forms in which a graph can be drawn. */
export const GRAPH_FORMS: readonly GraphForm[] = ["text", "dot", "mermaid"];

/**
 * Draws what depends on what.
 *
 * @param graph The services.
 * @param nodes Which of them to draw.
 * @param form As a tree of text, for Graphviz, or for Mermaid.
 */
export function drawGraph(graph: Graph, nodes: ReadonlySet<number>, form: GraphForm): string {
  const drawn = graph.nodes.filter(({ index }) => nodes.has(index));
  if (form === "dot") return drawDot(graph, drawn, nodes);
  if (form === "mermaid") return drawMermaid(drawn, nodes);
  return drawTree(graph, drawn, nodes);
}

/**
 * Draws each service on which no other depends, with its dependencies below it. What is below a
 * service is drawn once.
 */
function drawTree(graph: Graph, drawn: readonly Node[], nodes: ReadonlySet<number>): string {
  const lines: string[] = [];
  const shown = new Set<number>();
  const roots = drawn.filter(({ dependents }) => !dependents.some((index) => nodes.has(index)));
  // No recursion: a chain may be longer than the stack is deep.
  const left = roots.map((node) => ({ node, first: "", rest: "" })).reverse();
  for (let branch = left.pop(); branch !== undefined; branch = left.pop()) {
    const { node, first, rest } = branch;
    const { name, type } = node.definition;
    const below = node.dependencies.filter((index) => nodes.has(index));
    const again = shown.has(node.index) && below.length > 0;
    const notes = [
      ...type === "oneshot" ? ["oneshot"] : [],
      ...node.essential ? ["essential"] : [],
      ...again ? ["see above"] : [],
    ];
    lines.push(`${first}${name}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`);
    if (again) continue;
    shown.add(node.index);
    below.reverse().forEach((index, at) => {
      const last = at === 0;
      left.push({
        node: graph.nodes[index]!,
        first: `${rest}${last ? "└── " : "├── "}`,
        rest: `${rest}${last ? "    " : "│   "}`,
      });
    });
  }
  return lines.map((line) => `${line}\n`).join("");
}

function quote(name: string): string {
  return `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}

function drawDot(graph: Graph, drawn: readonly Node[], nodes: ReadonlySet<number>): string {
  const lines = drawn.flatMap(({ definition: { name, type }, essential, dependencies }) => [
    `  ${quote(name)} [shape=${type === "longrun" ? "box" : "ellipse"}${
      essential ? ", peripheries=2" : ""
    }];`,
    ...dependencies.filter((index) => nodes.has(index)).map((index) =>
      `  ${quote(name)} -> ${quote(graph.nodes[index]!.definition.name)};`
    ),
  ]);
  return ["digraph services {", "  rankdir=LR;", ...lines, "}", ""].join("\n");
}

function drawMermaid(drawn: readonly Node[], nodes: ReadonlySet<number>): string {
  const label = (name: string) => `"${name.replaceAll('"', "#quot;")}"`;
  const lines = drawn.flatMap(({ index, definition: { name, type }, dependencies }) => [
    `  s${index}${type === "longrun" ? `[${label(name)}]` : `([${label(name)}])`}`,
    ...dependencies.filter((other) => nodes.has(other)).map((other) => `  s${index} --> s${other}`),
  ]);
  return ["flowchart LR", ...lines, ""].join("\n");
}
