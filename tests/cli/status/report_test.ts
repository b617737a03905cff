import { assertEquals } from "@std/assert";
import { type Report, reportOn, reportOnAll } from "../../../lib/cli/status/report.ts";
import { servicesOf } from "../../../lib/cli/status/service_names.ts";
import { copiedStatus } from "../../scan/copied_status.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

const SERVICES = 300;

/** Returns the names of this process's descriptors. */
function descriptors(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => name).sort();
}

Deno.test("of hundreds of services a scan directory tells what each tells alone", async () => {
  await using place = await temporaryDirectory();
  for (let index = 0; index < SERVICES; index++) {
    await Deno.mkdir(`${place.path}/s${index}${index % 2 === 0 ? "/log" : ""}`, {
      recursive: true,
    });
    if (index % 3 === 0) await Deno.writeTextFile(`${place.path}/s${index}/run`, "#!/bin/sh\n");
  }
  await Deno.mkdir(`${place.path}/s1-more`);
  await Deno.mkdir(`${place.path}/web@`);
  await Deno.symlink("s3", `${place.path}/linked`);
  await Deno.symlink("nowhere", `${place.path}/dangling`);
  await Deno.writeTextFile(`${place.path}/file`, "");
  await Deno.writeTextFile(`${place.path}/s5/log`, "");
  const told = (reports: ReturnType<typeof reportOn>) =>
    reports.map(({ explanation, facts, service }) => ({
      service,
      explanation,
      supervision: facts.supervision,
    }));
  const before = descriptors();
  const all = reportOnAll(place.path);
  assertEquals(descriptors(), before);
  assertEquals(all.length, SERVICES + SERVICES / 2 + 2);
  assertEquals(told(all), told(reportOn(servicesOf(place.path))));
});

Deno.test("of hundreds of services under a scan it tells what their own files tell", async () => {
  await using directory = await ScanDirectory.make({
    ...Object.fromEntries(
      Array.from({ length: SERVICES }, (_, index) => [`s${index}`, { ...readyService, down: "" }]),
    ),
    up: readyService,
    silent: silentService,
  });
  await using scan = await Scan.start(directory.path, { options: ["-C", `${SERVICES + 10}`] });
  await directory.ready("up");
  await directory.up("silent");
  await directory.until(`s${SERVICES - 1}`, () => true, "to have a status");
  await until(
    () => servicesOf(directory.path).every(({ dir }) => copiedStatus(directory.path, dir)),
    "a copy of each status",
  );
  const states = () =>
    reportOnAll(directory.path).map(({ explanation: { next, state }, service: { name } }) =>
      [name, state, next] as const
    );
  const alone = () =>
    servicesOf(directory.path).map((service) => {
      const [{ explanation: { next, state } }] = reportOn([service]) as [Report];
      return [service.name, state, next] as const;
    });
  const found = await until(() => {
    const all = states();
    return JSON.stringify(all) === JSON.stringify(alone()) && all;
  }, "both to tell the same");
  assertEquals(found.find(([name]) => name === "up")?.[1], "ready");
  // It is told by the scan's copy, and no file is opened for it.
  const silent = directory.service("silent");
  await Deno.remove(`${silent}/supervise/status`);
  assertEquals(states().find(([name]) => name === "silent")?.[1], "up");
  assertEquals(alone().find(([name]) => name === "silent")?.[1], "unknown");
  await scan.send("b");
  await scan.exited();
  assertEquals(states(), alone());
});
