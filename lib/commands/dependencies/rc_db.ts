import type { DefinitionSet } from "../../rc/definitions/definition_set.ts";
import { Graph } from "../../rc/definitions/graph.ts";
import { LISTS, type Question, questions, WrongTypeError } from "../../rc/report/questions.ts";
import { type Command, Failure, required } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { type ParsedOptions, parseOptions } from "../../options/parse_options.ts";
import { print } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { asFailure, RcExit, readLive } from "../../cli/rc/rc_live.ts";
import { BLOCK_HELP, LIVEDIR_HELP, liveOptions } from "../../cli/rc/rc_options.ts";
import { readAndCheck, sayFaults } from "../../cli/rc/rc_sources.ts";
import { count } from "../../explain/words.ts";

/** What follows the name of each question. */
const OPERANDS: Readonly<Record<Question["about"], string>> = {
  nothing: "",
  list: ` ${LISTS.join("|")}`,
  name: " NAME",
  names: " NAME...",
};

const FORMS = Object.entries(questions).map(([name, { about }]) => `${name}${OPERANDS[about]}`);

/** Checks that a question has the operands that it takes. */
function requireOperands({ about }: Question, operands: readonly string[]): void {
  if (about !== "nothing") required(operands[0], about === "list" ? "kind of service" : "name");
  if (about === "list" && !LISTS.some((kind) => kind === operands[0])) {
    throw new UsageError(`list takes one of ${LISTS.join(", ")}, not '${operands[0]}'`);
  }
  const [surplus] = about === "names" ? [] : operands.slice(about === "nothing" ? 0 : 1);
  if (surplus !== undefined && !isCalledAsS6()) {
    throw new UsageError(`'${surplus}' is one operand too many`);
  }
}

/** Reads the definitions that options name: those in force, or those in source directories. */
function definitionsOf(options: ParsedOptions): { readonly set: DefinitionSet; graph: Graph } {
  const sources = options.values("c");
  if (sources.length === 0) {
    using live = readLive(liveOptions(options));
    const { graph, set } = live;
    return { graph, set };
  }
  const { set, faults } = readAndCheck(sources.map((source) => Deno.realPathSync(source)));
  const errors = faults.filter(({ severity }) => severity === "error");
  sayFaults(errors);
  if (errors.length > 0) {
    throw new Failure(`the definitions have ${count(errors.length, "error")}`, RcExit.invalid);
  }
  return { set, graph: new Graph(set.definitions) };
}

/** `sv rc db`: answers questions about definitions. */
export const rcDbCommand: Command = {
  usage: "[ -l live | -c source... ] [ -b ] [ -u | -d ] [ -E | -e ] question [ name... ]",
  help:
    `Answers a question about definitions, as s6-rc-db does: those in force, or others. A name is that
of a service or of a bundle.

  check                    nothing, if they are sound; else what is wrong
  list kind                the services that are all, services, oneshots, longruns or bundles
  type name                longrun, oneshot or bundle
  timeout name             the milliseconds that its start, or its stop, may take; 0: no limit
  contents name            the services that a bundle stands for
  dependencies name...     the services that they depend on, or that depend on them, directly
  all-dependencies name... these, and so on, with the named services themselves
  atomics name...          the named services, bundles resolved
  pipeline name            the pipes of the pipeline that a longrun is in: lines of the form from/to
  script name              the command line of a oneshot's script, each word with a NUL after it
  flags name               hexadecimal: 1 essential, 2 recommended
  help                     the forms of these

${LIVEDIR_HELP}
  -c, --compiled source    definitions in a source directory or database instead; may be repeated
${BLOCK_HELP}
  -u, --up                 about the way up (the default)
  -d, --down               about the way down: timeout, script, dependencies
  -e, --without-essentials leave out services that are marked as essential
  -E, --with-essentials    don't (the default)

Exit codes: 0 success; 3 a name is unknown; 4 the definitions or the live directory are invalid; 5 the
question does not fit that kind of service; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseOptions(args, "udbEel:c:", {
      "up": "u",
      "down": "d",
      "block": "b",
      "with-essentials": "E",
      "without-essentials": "e",
      "livedir": "l",
      "compiled": "c",
    });
    const [word, ...operands] = options.rest;
    const name = required(word, "question");
    if (name === "help") {
      print(FORMS.map((form) => `${form}\n`).join(""));
      return RcExit.success;
    }
    const question = Object.hasOwn(questions, name) ? questions[name] : undefined;
    if (question === undefined) throw new UsageError(`there is no question '${name}'`);
    requireOperands(question, operands);
    const { set: { definitions }, graph } = definitionsOf(options);
    try {
      const answer = question.answer({
        graph,
        definitions,
        direction: options.lastOf("u", "d") === "d" ? "down" : "up",
        withoutEssentials: options.lastOf("E", "e") === "e",
      }, operands);
      if (answer !== "") print(answer);
    } catch (error) {
      if (error instanceof WrongTypeError) throw new Failure(error.message, RcExit.wrongType);
      throw asFailure(error);
    }
    return RcExit.success;
  },
};
