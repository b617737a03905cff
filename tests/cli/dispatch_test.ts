import { assertEquals } from "@std/assert";
import type { Command } from "../../lib/cli/command.ts";
import { dispatch } from "../../lib/cli/dispatch.ts";
import type { RegisteredCommand } from "../../lib/cli/registered_command.ts";

const called: string[] = [];

function registered(
  name: string,
  names: Pick<RegisteredCommand, "counterpart" | "aliases">,
): RegisteredCommand {
  const command: Command = {
    usage: "",
    help: "",
    run(args) {
      called.push([name, ...args].join("|"));
      return 7;
    },
  };
  return { name, summary: "", ...names, load: () => Promise.resolve(command) };
}

const commands = [
  registered("wait", { counterpart: "s6-svwait" }),
  registered("control", { counterpart: "s6-svc", aliases: ["svc"] }),
  registered("event wait", { counterpart: "s6-ftrig-wait" }),
  registered("rc", { counterpart: "s6-rc" }),
  registered("rc start", { counterpart: "s6-rc start" }),
];

for (
  const [argv0, args, expected] of [
    ["sv", ["wait", "-U", "web"], "wait|-U|web"],
    ["/usr/bin/sv", ["svc", "-u"], "control|-u"],
    ["sv", ["s6-svwait", "web"], "wait|web"],
    ["sv", ["event", "wait", "web"], "event wait|web"],
    ["sv", ["rc", "start", "web"], "rc start|web"],
    ["sv", ["rc", "-v", "2", "start"], "rc|-v|2|start"],
    ["/usr/bin/s6-svwait", ["wait", "web"], "wait|wait|web"],
    // Only the name of a program of s6 stands for a command.
    ["/usr/bin/wait", ["control", "web"], "control|web"],
  ] as const
) {
  Deno.test(`${[argv0, ...args].join(" ")} runs ${expected.split("|")[0]}`, async () => {
    called.length = 0;
    assertEquals(await dispatch(argv0, args, commands), 7);
    assertEquals(called, [expected]);
  });
}

Deno.test("arguments that name no command run none", async () => {
  called.length = 0;
  for (const args of [[], ["help"], ["event"], ["waits"], ["--version"]]) {
    assertEquals(await dispatch("sv", args, commands), undefined);
  }
  assertEquals(called, []);
});
