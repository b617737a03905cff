import { programRules } from "../../../lib/lint/rules/programs.ts";
import { RUN, testRule } from "../views.ts";

const program = (whyNotRun: string) => ({ type: "file", text: RUN, whyNotRun } as const);

testRule(programRules, [
  ["a service", { run: RUN, finish: RUN }, []],
  ["no run", { finish: RUN }, ["no-run : sv new"]],
  ["no run in a bundle", { type: "bundle" }, [], "bundle"],
  ["a run that can't be started", { run: program("it is not executable; use chmod +x on it") }, [
    "not-runnable run: use chmod +x on it",
  ]],
  ["a finish that can't be started", { run: RUN, finish: program("it is empty") }, [
    "not-runnable finish: #!",
  ]],
  ["a check that can't be started", { "run": RUN, "data/check": program("it is a directory") }, [
    "not-runnable data/check",
  ]],
  ["the line ends of Windows", { run: "#!/bin/sh\necho a\r\nexec web\r\n" }, [
    "line-ends run:2: sed",
  ]],
  ["a carriage return in the first line is said once", {
    run: {
      type: "file",
      text: "#!/bin/sh\r\nexec web\r\n",
      whyNotRun: "a carriage return; convert it",
    },
  }, ["not-runnable run"]],
  ["a carriage return within a line", { run: '#!/bin/sh\nprintf "\r" \nexec web\n' }, []],
  ["a program that is no text", { run: { type: "file" } }, []],
  [
    "env does not find it",
    { run: "#!/usr/bin/env nosuch\n" },
    [
      "missing-interpreter run:1: install it",
    ],
    "service",
    { hasProgram: (name) => name !== "nosuch" },
  ],
  ["env finds it", { run: "#!/usr/bin/env -S bash -e\n" }, [], "service", {
    hasProgram: (name) => name === "bash",
  }],
]);
