import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mainManPage, manPage } from "../../../lib/cli/documentation/man_page.ts";

const PAGE = manPage(
  {
    name: "event wait",
    counterpart: "s6-ftrig-wait",
    summary: "wait for events",
    usage: "[ -t ms ] dir",
    help:
      "Waits.\n\n  -t ms  no longer than 'that'\n\n.hidden \\ is text.\n\nExit codes: 0 success.",
    examples: [{ purpose: "wait", line: "sv event wait -t 5 a 'b'" }],
  },
  "1.2.3",
  ["event wait", "event make"],
);

Deno.test("a manual page has the sections of one, in their order", () => {
  assertEquals([...PAGE.matchAll(/^\.SH (.*)$/gm)].map(([, name]) => name), [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "EXIT STATUS",
    "EXAMPLES",
    "SEE ALSO",
  ]);
  assertMatch(PAGE, /^\.TH "SV\\-EVENT\\-WAIT" "1" "" "sv 1\.2\.3" "sv"\n/);
  assertStringIncludes(PAGE, "sv(1), sv\\-event\\-make(1)\n");
});

Deno.test("a text never becomes a macro, an escape or a typographic quote", () => {
  assertStringIncludes(PAGE, "\n\\&.hidden \\e is text.\n");
  assertStringIncludes(PAGE, "\nno longer than \\(aqthat\\(aq\n");
  assertStringIncludes(PAGE, "\nsv event wait \\-t 5 a \\(aqb\\(aq\n");
});

Deno.test("long texts are filled lines, none of which begins with a dot", () => {
  const help = `Words ${"of text ./run ".repeat(40)}`;
  const page = manPage(
    { name: "x", summary: "s", usage: "a", help, examples: [] },
    "1",
    [],
  );
  for (const line of page.split("\n")) {
    assertEquals(line.length <= 80, true, line);
    assertMatch(line, /^([^.]|\.[A-Z]{1,2}\b|$)/);
  }
});

Deno.test("the page of sv itself lists the commands under their headings", () => {
  const page = mainManPage([{
    heading: "Events",
    about: "send them",
    commands: [{ name: "event wait", summary: "wait for them" }],
  }], "1");
  assertStringIncludes(page, '.SS "Events"\nSend them.\n.TP\n.B "sv event wait"\nwait for them\n');
});
