import { assertEquals } from "@std/assert";
import { FifodirListener } from "../support/fifodir_listener.ts";
import type { Files } from "../support/files.ts";
import { type Missing, testNeeding } from "../support/needs.ts";
import { service } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { sandbox, sandboxNeeds } from "./sandbox.ts";

/** What a run script of the documentation needs. */
export interface RunScriptNeeds {
  /** What a machine may lack. */
  readonly needs?: readonly Missing[];
  /** Programs that stand in for those that the script names, or that are made up there. */
  readonly standIns?: Files;
  /** Further files of the service directory. */
  readonly files?: Files;
  /** The supervisors under which it works; default: both. */
  readonly under?: readonly ("s6" | "sv")[];
  /** The content of `notification-fd`; default: 3. Empty: there is none. */
  readonly notificationFd?: string;
}

/** Registers tests that a service with this run script becomes ready, under each supervisor. */
export function testRunScript(name: string, text: string, needs: RunScriptNeeds): void {
  const { standIns = {}, files = {}, under = ["s6", "sv"], notificationFd = "3\n" } = needs;
  for (const which of under) {
    testNeeding(
      [...sandboxNeeds, ...needs.needs ?? []],
      `${name}, under ${which}: ready as written`,
      async () => {
        await using directory = await service({
          files: {
            ...files,
            ...notificationFd === "" ? {} : { "notification-fd": notificationFd },
          },
          executables: { run: text },
        });
        const through = await sandbox(directory.parent, standIns);
        await using events = await FifodirListener.subscribe(`${directory.path}/event`);
        await using supervisor = await Supervisor.start(supervisors[which], directory.path, {
          through,
        });
        assertEquals(await events.until("U"), "suU", supervisor.stderr);
        assertEquals((await readStatusFile(directory.path)).ready, true);
        await supervisor.send("d");
        assertEquals(await events.until("D"), "dD");
      },
    );
  }
}
