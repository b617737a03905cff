/** The script of OpenRC: its functions, called as OpenRC calls them. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { openrcScript } from "../../lib/boot/openrc.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const settings = {
  sv: ["/opt/my sv/sv"],
  scandir: "/run/service",
  services: undefined,
  watchdog: 60,
  awaitServices: false,
};

/** Stands in for OpenRC: defines what a script may call, reads it, and calls functions of it. */
const OPENRC = `
ebegin() { echo "begin: $*"; }
eend() { echo "end: $1"; return $1; }
eerror() { echo "error: $*"; }
need() { echo "need $*"; }
after() { echo "after $*"; }
. "$1"
depend; start_pre && start_post && reload
eval "set -- $command_args"; echo "$command|$1|$2"
`;

Deno.test("a shell reads the script, and its functions do what OpenRC asks for", async () => {
  await using directory = await temporaryDirectory();
  const at = (path: string) => `${directory.path}/${path}`;
  await Deno.mkdir(at("services/web"), { recursive: true });
  await Deno.writeTextFile(at("sv"), '#!/bin/sh\necho "sv $*"\n', { mode: 0o755 });
  const text = openrcScript({
    ...settings,
    sv: [at("sv")],
    scandir: at("a scan"),
    services: at("services"),
  });
  await Deno.writeTextFile(at("script"), text);
  const { code, stderr, stdout } = await run(["sh", "-c", OPENRC, "sh", at("script")]);
  const scan = at("a scan");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.split("\n"), [
    "need localmount",
    "after bootmisc net",
    `sv scanctl -z ${scan}`,
    "begin: Upgrading sv",
    `sv scanctl --upgrade ${scan}`,
    "end: 0",
    `${at("sv")}|scan|${scan}`,
    "",
  ]);
  assertEquals(await Deno.readLink(`${scan}/web`), at("services/web"));
});

Deno.test("a path that needs quotes has them", () => {
  assertStringIncludes(openrcScript(settings), "\ncommand='/opt/my sv/sv'\n");
});
