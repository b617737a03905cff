import { assert } from "@std/assert";
import { ServiceBoard } from "../../../lib/cli/serve/service_board.ts";
import { packStatus, readStatus } from "../../../lib/servicedir/status.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";

/** No process has this id: it is the largest that Linux may be told to give, and it isn't told to. */
const NOBODY = 4_194_303;

Deno.test("a service whose process is gone is astray only where it is wanted up", async () => {
  await using directory = await ScanDirectory.make({
    web: { run: "#!/bin/sh\ntrap '' TERM\nexec sleep 1000\n" },
  });
  const web = directory.service("web");
  await using _supervisor = await Supervisor.start(supervisors.sv, web);
  await directory.until("web", ({ pid }) => pid !== 0, "to be up");
  await directory.send("web", "d");
  await directory.until("web", ({ wantUp }) => !wantUp, "to be on its way down");
  using board = new ServiceBoard(directory.path);
  assert(board.isAsWanted, "it is going down as it shall");

  // As it is for an instant after each death: the process is gone, and the status does not say so yet.
  const status = { ...readStatus(web), pid: NOBODY };
  let told = 0;
  using _following = board.follow(() => told++);
  const tell = (wantUp: boolean) => {
    Deno.writeFileSync(`${web}/supervise/.new`, packStatus({ ...status, wantUp }));
    Deno.renameSync(`${web}/supervise/.new`, `${web}/supervise/status`);
  };
  tell(false);
  await until(() => {
    assert(board.isAsWanted, "it shall be down");
    return told > 0;
  }, "the end of its process to be told");
  tell(true);
  await until(() => !board.isAsWanted, "it to be astray");
});
