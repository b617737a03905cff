/**
 * The scripts of docs/readiness.md that need no command of `sv`, as they are written there.
 */
import { assert, assertEquals } from "@std/assert";
import { supervisors } from "../../support/supervisor.ts";
import { supervisedService } from "../supervised_service.ts";

/** The last line of each script in the page that starts the made-up daemon `foo` by itself. */
function oneLiners(): string[] {
  const page = Deno.readTextFileSync(new URL("../../../docs/readiness.md", import.meta.url));
  const scripts = [...page.matchAll(/^```sh\n#!\/bin\/sh\n(.*?)```$/gms)].map((found) => found[1]!);
  return scripts.filter((script) => /\bfoo\b/.test(script) && !/\bsv /.test(script));
}

/** A daemon that takes the number of the descriptor in each of the three ways. */
const foo = `#!/bin/sh
test -z "$1" || READY_FD=\${1#--ready-fd=}
echo "\${READY_FD-1}" >number
./go on
echo "listening on port 80" >/proc/$$/fd/"\${READY_FD-1}"
exec sleep 1000
`;

Deno.test("the page has a script for the environment, one for arguments, and one for stdout", () => {
  const all = oneLiners();
  assertEquals(all.length, 3);
  for (const word of ["READY_FD=", "--ready-fd=", "1>&3"]) {
    assert(all.some((script) => script.includes(word)), word);
  }
});

for (const [name, supervisor] of Object.entries(supervisors)) {
  for (const script of oneLiners()) {
    for (const fd of [3, 7]) {
      // A script with a number in it is for that number.
      if (/>&3/.test(script) && fd !== 3) continue;
      Deno.test(`under ${name}, with notification-fd ${fd}: ${script.trim()}`, async () => {
        const line = script.trim().replace(/\bfoo\b/, "./foo").replace(/^exec /, "");
        const [before, last] = line.includes(" && exec ")
          ? line.split(" && exec ") as [string, string]
          : ["", line];
        await using service = await supervisedService(supervisor, last, {
          run: before,
          files: { "notification-fd": `${fd}\n` },
          executables: { foo },
        });
        assertEquals(await service.text("number"), /1>&3/.test(script) ? "1\n" : `${fd}\n`);
        await service.go("on");
        assertEquals(await service.events.until("U"), "suU");
      });
    }
  }
}
