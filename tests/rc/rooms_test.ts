/** The rooms of lib/rc, as docs/rc.md lists them. */
import { assertEquals } from "@std/assert";
import { findCycles } from "../../lib/rc/definitions/cycle.ts";

/** From the bottom up: a room imports only itself and the rooms before it. */
const ROOMS = ["definitions", "live", "database", "transition", "report"];

const root = new URL("../../lib/rc/", import.meta.url);

/** Each file of lib/rc, as `room/file.ts`, with those that it imports. */
const imports = new Map<string, string[]>(
  [...Deno.readDirSync(root)].flatMap(({ name: room }) =>
    [...Deno.readDirSync(new URL(`${room}/`, root))].map(({ name }) => {
      const file = new URL(`${room}/${name}`, root);
      const specifiers = Deno.readTextFileSync(file).matchAll(/(?:from |import\()"(\.[^"]+)"/g);
      const paths = [...specifiers].map(([, specifier]) => new URL(specifier!, file).pathname)
        .filter((path) => path.startsWith(root.pathname));
      return [`${room}/${name}`, paths.map((path) => path.slice(root.pathname.length))] as const;
    })
  ),
);

Deno.test("lib/rc has five rooms; each imports only itself and those below it", () => {
  const roomOf = (file: string) => ROOMS.indexOf(file.slice(0, file.indexOf("/")));
  assertEquals(new Set([...imports.keys()].map((file) => ROOMS[roomOf(file)])), new Set(ROOMS));
  const upward = [...imports].flatMap(([file, others]) =>
    others.filter((other) => roomOf(other) > roomOf(file)).map((other) => `${file} → ${other}`)
  );
  assertEquals(upward, []);
});

Deno.test("no file of lib/rc imports itself by way of others", () => {
  assertEquals(findCycles(imports.keys(), (file) => imports.get(file) ?? []), []);
});
