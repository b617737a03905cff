import { assertEquals } from "@std/assert";
import { servicesOf } from "../../../lib/cli/status/service_names.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("the services of a scan directory are its directories, and links to some, with their loggers", async () => {
  await using place = await temporaryDirectory();
  const long = "x".repeat(255);
  for (
    const name of [
      "b",
      "b/log",
      "a",
      ".hidden",
      "web@",
      "web@one",
      "other",
      long,
      `${long}/log`,
      "ü",
    ]
  ) {
    await Deno.mkdir(`${place.path}/${name}`);
  }
  await Deno.symlink("other", `${place.path}/linked`);
  await Deno.symlink("nowhere", `${place.path}/dangling`);
  await Deno.writeTextFile(`${place.path}/file`, "");
  // A logger has to be a directory, too.
  await Deno.writeTextFile(`${place.path}/other/log`, "");
  const names = ["a", "b", "b/log", "linked", "other", "web@one", long, `${long}/log`, "ü"];
  assertEquals(
    servicesOf(place.path),
    names.map((name) => ({ name, dir: `${place.path}/${name}` })),
  );
});

Deno.test("a hundred services are listed as ten are", async () => {
  await using place = await temporaryDirectory();
  const names = Array.from({ length: 100 }, (_, index) => `s${100 + index}`);
  for (const name of names) await Deno.mkdir(`${place.path}/${name}/log`, { recursive: true });
  assertEquals(
    servicesOf(place.path).map(({ name }) => name),
    names.flatMap((name) => [name, `${name}/log`]),
  );
});
