/** Each row of docs/json.md: the command prints an object of version 1 with these fields, and no others. */
import { assert, assertEquals } from "@std/assert";
import { LiveServices } from "../rc/live_services.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";
import { Scan } from "../support/scan.ts";
import { within } from "../support/within.ts";

const page = Deno.readTextFileSync(new URL("../../docs/json.md", import.meta.url));
/** The commands of the table. */
const documented = [...page.matchAll(/^\| `sv (.*?) --json` +\|/gm)].map(([, name]) => name!);
/** Those that are run here. */
const TESTED = ["status", "watch", "stat", "death-tally", "perms", "lint"]
  .concat(["rc list", "rc diff", "rc plot", "rc check"]);

/** What `sv perms --json` prints of a service. */
interface Rights {
  readonly dir: string;
  readonly status: { readonly who: string };
  readonly control: { readonly who: string };
  readonly events: { readonly who: string };
}

/** Runs a command with --json, and returns what it prints, which has the fields of the page's row. */
async function printed(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run([...sv, ...name.split(" "), "--json", ...args], { env });
  return checked(name, stdout, stderr);
}

function checked(name: string, stdout: string, stderr = ""): Record<string, unknown> {
  assertEquals(stdout.match(/\n/g)?.length, 1, `${name}: ${stdout}${stderr}`);
  const { version, ...fields } = JSON.parse(stdout);
  assertEquals(version, 1);
  const row = new RegExp(`^\\| \`sv ${name} --json\` +\\|(.*)\\|$`, "m").exec(page)![1]!;
  const text = row.includes("below") && name === "stat"
    ? page.slice(page.indexOf("`sv stat --json` prints\n"))
    : row;
  for (const field of Object.keys(fields)) {
    assert(text.includes(`\`${field}\``), `docs/json.md has no ${field} for sv ${name}`);
  }
  return fields;
}

Deno.test("what commands about services print as JSON is as documented", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using _scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("web");
  Deno.kill(pid, "SIGKILL");
  await directory.restarted("web", pid);
  await directory.ready("web");
  const dir = directory.service("web");
  const { services } = await printed("status", [dir]) as { services: { state: string }[] };
  assertEquals(services.map(({ state }) => state), ["ready"]);
  assertEquals((await printed("stat", [dir])).ready, true);
  const { deaths } = await printed("death-tally", [dir]) as { deaths: Record<string, unknown>[] };
  assertEquals(deaths.map(({ exitCode, signal }) => [exitCode, signal]), [[null, "SIGKILL"]]);
  assertEquals(Object.keys(deaths[0]!), ["time", "tai64n", "exitCode", "signal"]);
  const owner = { who: "owner" };
  const { services: [rights] } = await printed("perms", [dir]) as { services: Rights[] };
  assertEquals([rights!.dir, rights!.status, rights!.control], [dir, owner, owner]);
  assertEquals(Object.keys(rights!.events), ["who", "group", "gid"]);
  const broken = await run([...sv, "perms", "--json", directory.path]);
  assertEquals(broken.code, 1);
  assertEquals(JSON.parse(broken.stdout).services, [
    { dir: directory.path, status: null, control: null, events: null },
  ]);
  assertEquals(await printed("lint", [dir]), { directories: 1, findings: [] });
  const [program, ...args] = [...sv, "watch", "--json", dir];
  const watch = new Deno.Command(program!, { args, stdout: "piped" }).spawn();
  const reader = watch.stdout.getReader();
  const { value } = await within(reader.read(), "a line of sv watch");
  watch.kill("SIGTERM");
  await reader.cancel();
  await watch.status;
  assertEquals(checked("watch", new TextDecoder().decode(value)).before, null);
});

Deno.test("what commands about dependencies print as JSON is as documented", async () => {
  await using services = await LiveServices.start({
    "db/type": "longrun\n",
    "db/run": "#!/bin/sh\necho >&3\nexec sleep 100000\n",
    "db/notification-fd": "3\n",
    "web/type": "longrun\n",
    "web/run": "#!/bin/sh\necho >&3\nexec sleep 100000\n",
    "web/notification-fd": "3\n",
    "web/dependencies.d/db": "",
    "once/type": "oneshot\n",
    "once/up": "true\n",
  });
  const live = ["-l", services.live];
  const start = await services.rc("start", "web");
  assertEquals(start.code, 0, start.stderr);
  assertEquals(await printed("rc list", [...live, "web"]), {
    services: [{ name: "web", type: "longrun", up: true }],
  });
  assertEquals(await printed("rc list", [...live, "once"]), {
    services: [{ name: "once", type: "oneshot", up: false }],
  });
  assertEquals(await printed("rc diff", live), { differences: [] });
  const { criticalPath, services: starts } = await printed("rc plot", live) as {
    criticalPath: string[];
    services: Record<string, unknown>[];
  };
  assertEquals(criticalPath, ["db", "web"]);
  assertEquals(starts.map(({ name, dependencies }) => [name, dependencies]), [
    ["db", []],
    ["web", ["db"]],
  ]);
  for (const name of Object.keys(starts[0]!)) assert(page.includes(`\`${name}\``), name);
  assertEquals(await printed("rc check", [services.source]), { definitions: 3, findings: [] });
  await run([...sv, "control", "-wD", "-d", services.directory("web")]);
  assertEquals(await printed("rc diff", live), {
    differences: [{ name: "web", recordedUp: true, wantedUp: false }],
  });
  const idle = await run([...sv, "rc", "listall", "--json", ...live, "web"]);
  assertEquals(idle.code, 100);
});

Deno.test("each row of docs/json.md is tested", () => {
  assertEquals(documented, TESTED);
});
