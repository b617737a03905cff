import { assertEquals, assertThrows } from "@std/assert";
import { Graph, UnknownServiceError } from "../../../lib/rc/definitions/graph.ts";
import { readSources } from "../../../lib/rc/definitions/source.ts";
import { questions, WrongTypeError } from "../../../lib/rc/report/questions.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { definitions, longrun } from "../definitions_folder.ts";

const files = {
  ...longrun("a"),
  ...longrun("b", ["a"]),
  "b/timeout-down": "70\n",
  "o/type": "oneshot\n",
  "o/dependencies.d/b": "",
  "o/timeout-up": "5000\n",
  "o/flag-recommended": "",
  "o/up": 'foreground { echo "one  two" { deeper } } true # a comment\n',
  "all/type": "bundle\n",
  "all/contents.d/o": "",
  "all/contents.d/inner": "",
  "all/flag-essential": "",
  "inner/type": "bundle\n",
  "inner/contents.d/b": "",
  "inner/flag-recommended": "",
  ...longrun("p"),
  "p/producer-for": "q\n",
  ...longrun("p2"),
  "p2/producer-for": "q\n",
  ...longrun("q"),
  "q/consumer-for": "p\np2\n",
  "q/producer-for": "l\n",
  ...longrun("l"),
  "l/consumer-for": "q\n",
  "l/pipeline-name": "pipe\n",
};

/**
 * Each question, as the options and operands of s6-rc-db, with what s6-rc-db 0.7.0.0 answers, without its
 * own services and in alphabetical order, or its exit code.
 */
const answers: Readonly<Record<string, readonly string[] | number>> = {
  "check": [],
  "list all": ["a", "all", "b", "inner", "l", "o", "p", "p2", "pipe", "q"],
  "list services": ["a", "b", "l", "o", "p", "p2", "q"],
  "-e list services": ["a", "l", "p", "p2", "q"],
  "list oneshots": ["o"],
  "list longruns": ["a", "b", "l", "p", "p2", "q"],
  "list bundles": ["all", "inner", "pipe"],
  "type a": ["longrun"],
  "type o": ["oneshot"],
  "type all": ["bundle"],
  "type pipe": ["bundle"],
  "type nobody": 3,
  "timeout o": ["5000"],
  "-d timeout o": ["0"],
  "-d timeout b": ["70"],
  "timeout all": 5,
  "timeout nobody": 3,
  "contents all": ["b", "o"],
  "contents pipe": ["l", "p", "p2", "q"],
  "-e contents all": [],
  "contents a": 5,
  "contents nobody": 3,
  "dependencies o": ["b"],
  "dependencies a b": ["a"],
  "dependencies all": ["a", "b"],
  "dependencies p": ["q"],
  "-d dependencies a": ["b"],
  "-d dependencies q": ["p", "p2"],
  "dependencies a nobody": 3,
  "all-dependencies o": ["a", "b", "o"],
  "all-dependencies p": ["l", "p", "q"],
  "-d all-dependencies a": ["a", "b", "o"],
  "-e all-dependencies o": ["a"],
  "atomics all a": ["a", "b", "o"],
  "-e atomics all a": ["a"],
  "atomics nobody": 3,
  "pipeline p": ["p/q", "p2/q", "q/l"],
  "pipeline l": ["p/q", "p2/q", "q/l"],
  "pipeline a": [],
  "pipeline o": 5,
  "pipeline pipe": 5,
  "script o": ["", " ", "  deeper", " echo", " one  two", "foreground", "true"],
  "-d script o": [],
  "script a": 5,
  "script all": 5,
  "flags a": ["00000000"],
  "flags b": ["00000003"],
  "flags o": ["00000003"],
  "flags all": 5,
};

/** Returns the words of an answer, sorted, without the own services of s6-rc. */
function words(answer: string): string[] {
  return answer.split(/[\n\0]/).slice(0, -1).filter((word) => !word.startsWith("s6rc-")).sort();
}

Deno.test("questions about definitions have the answers of s6-rc-db", async () => {
  await using source = await definitions(files);
  const { definitions: set } = readSources([source.path]);
  const graph = new Graph(set);
  for (const [question, expected] of Object.entries(answers)) {
    const all = question.split(" ");
    const options = all.filter((word) => word.startsWith("-"));
    const [name, ...operands] = all.slice(options.length);
    const ask = () =>
      questions[name!]!.answer({
        graph,
        definitions: set,
        direction: options.includes("-d") ? "down" : "up",
        withoutEssentials: options.includes("-e"),
      }, operands);
    if (expected === 3) assertThrows(ask, UnknownServiceError, undefined, question);
    else if (expected === 5) assertThrows(ask, WrongTypeError, undefined, question);
    else assertEquals(words(ask()), expected, question);
  }
});

testNeeding(
  [missingPrograms("s6-rc-compile", "s6-rc-db")],
  "s6-rc-db answers what it is recorded to answer",
  async () => {
    await using source = await definitions(files);
    await using place = await temporaryDirectory();
    const database = `${place.path}/db`;
    assertEquals((await run(["s6-rc-compile", database, source.path])).code, 0);
    for (const [question, expected] of Object.entries(answers)) {
      const { code, stdout } = await run(["s6-rc-db", "-c", database, ...question.split(" ")]);
      assertEquals(code === 0 ? words(stdout) : code, expected, question);
    }
  },
);

Deno.test("a pipeline may be longer than the stack is deep", () => {
  const length = 20_000;
  const set = Array.from({ length }, (_, at) => ({
    type: "longrun" as const,
    name: `s${at}`,
    directory: "",
    essential: false,
    dependencies: [],
    timeoutUp: 0,
    timeoutDown: 0,
    notifies: true,
    consumerFor: at === 0 ? [] : [`s${at - 1}`],
    ...at < length - 1 && { producerFor: `s${at + 1}` },
  }));
  const subject = {
    graph: new Graph(set),
    definitions: set,
    direction: "up" as const,
    withoutEssentials: false,
  };
  const answer = questions["pipeline"]!.answer(subject, ["s7"]);
  assertEquals(answer.split("\n").length, length);
  assertEquals(answer.slice(0, 12), "s0/s1\ns1/s2\n");
});
