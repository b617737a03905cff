import { assert, assertEquals } from "@std/assert";
import { mountPointOf, mountPoints } from "../../lib/os/mount_points.ts";

Deno.test("the mount point of a path is the longest one that it is in", () => {
  const points = ["/", "/var", "/var/log", "/var/lo"];
  assertEquals(mountPointOf("/var/log/web", points), "/var/log");
  assertEquals(mountPointOf("/var/log/", points), "/var/log");
  assertEquals(mountPointOf("/var/logs", points), "/var");
  assertEquals(mountPointOf("//var/./lo", points), "/var/lo");
  assertEquals(mountPointOf("/srv", points), "/");
  assertEquals(mountPointOf("/srv", []), "/");
});

Deno.test("this process has /proc mounted", () => {
  assert(mountPoints().includes("/proc"));
});
