import { assertEquals } from "@std/assert";
import { complete } from "../../../lib/cli/completion/complete.ts";

const command = (name: string, usage: string, help = "", others: string[] = []) => ({
  name,
  others,
  summary: `does ${name}`,
  describe: () => Promise.resolve({ usage, help }),
});

const COMMANDS = [
  command(
    "stat",
    "[ -n ] [ -o fields ] servicedir...",
    "  -o fields  these:\n     up  x\n     pid  x",
    [
      "s6-svstat",
    ],
  ),
  command("status", "[ --json ] [ name... ]", "  --json, -j  as JSON; for scripts"),
  command("up", "name...", "", ["down", "once"]),
  command("unlink", "[ -t ms ] scandir name"),
  command("listen1", "[ -t ms ] servicedir program..."),
  command("new", "name [ --tcp port ] [ -- ] command..."),
  command("setlock", "[ -d fd ] lockfile prog..."),
  command("perms", "[ -g group ] servicedir..."),
  command("control", "[ -s signal ] servicedir..."),
  command("rc", "[ -l live ] list|diff [ name... ]", "  -l, --livedir dir  the live directory"),
  command("rc start", "[ -l live ] name...", "  -l, --livedir dir  the live directory"),
  command("rc stop", "name..."),
  command("rc graph", "[ -f text | -f dot ]"),
  command("event make", "fifodir"),
  command("instance create", "[ -t ms ] instance..."),
  command("instance delete", "instance..."),
  command("instance list", "[ template ]"),
];

const SURROUNDINGS = {
  scanDirectory: "/scan",
  services: (directory: string) =>
    directory === "/scan" ? ["web", "db", "web@a", "web@a/log"] : ["other"],
  templates: () => ["web@"],
  definitions: (live?: string) => Promise.resolve(live === undefined ? ["net"] : [`of${live}`]),
  groups: () => ["staff", "sys"],
  signals: ["HUP", "USR1"],
};

for (
  const [line, wanted] of [
    ["st", "stat status"],
    [
      "",
      "stat status up unlink listen1 new setlock perms control rc event instance help --version",
    ],
    ["d", "down"],
    ["s6", "s6-svstat"],
    ["rc ", "start stop graph"],
    ["rc st", "start stop"],
    ["rc -", "-l --livedir"],
    ["rc -l x l", "list"],
    ["event ", "make"],
    ["event make ", ":directories"],
    ["instance create ", "web@ :directories"],
    ["instance delete w", "web@a"],
    ["instance list w", "web@ :directories"],
    ["help rc s", "start stop"],
    ["help ", "stat status up unlink listen1 new setlock perms control rc event instance --man"],
    ["status ", "web db web@a web@a/log"],
    ["status web d", "db"],
    ["status -", "--json -j"],
    ["down w", "web web@a web@a/log"],
    ["stat w", "/scan/web /scan/web@a /scan/web@a/log :directories"],
    ["stat /scan/d", "/scan/db :directories"],
    ["stat ./x", ":directories"],
    ["stat -o ", "up pid"],
    ["stat -o up,", "up,up up,pid"],
    ["stat -no p", "pid"],
    ["stat -- -", ":directories"],
    ["unlink /elsewhere ", "other"],
    ["unlink -t ", ""],
    ["unlink -t 5 ", ":directories"],
    ["listen1 web c", ":programs"],
    ["listen1 web cat f", ":files"],
    ["listen1 web -", ":programs"],
    ["new web --", "--tcp"],
    ["new web --tcp 80 ", ":programs"],
    ["new web -- -", ":programs"],
    ["setlock ", ":files"],
    ["perms -g s", "staff sys"],
    ["control -s usr", "USR1"],
    ["rc start ", "net"],
    ["rc start -l /x ", "of/x"],
    ["rc start -l ", ":directories"],
    ["rc graph -f ", "text dot"],
    ["nosuch ", ""],
    ["nosuch -", ""],
  ] as const
) {
  Deno.test(`after sv ${line}: ${wanted}`, async () => {
    const { candidates, also } = await complete(line.split(" "), COMMANDS, SURROUNDINGS);
    const words = candidates.map(({ value }) => value);
    assertEquals([...words, ...also === undefined ? [] : [`:${also}`]].join(" "), wanted);
  });
}

Deno.test("a candidate comes with what it means, in short", async () => {
  const about = async (...words: string[]) =>
    (await complete(words, COMMANDS, SURROUNDINGS)).candidates.map(({ about }) => about);
  assertEquals(await about("stat"), ["does stat", "does status"]);
  assertEquals(await about("status", "--j"), ["as JSON"]);
});
