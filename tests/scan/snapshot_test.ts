/** The snapshot of an upgrade: which formats are read, and the error for each wrong field. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, CWD, Open, open } from "../../lib/os/file.ts";
import {
  checkDescriptors,
  descriptorsOf,
  FORMAT,
  formatSnapshot,
  parseSnapshot,
  type ScanSnapshot,
} from "../../lib/scan/snapshot.ts";
import { SnapshotError } from "../../lib/scan/snapshot_field.ts";

/** A snapshot that has every field. */
const whole = {
  format: FORMAT,
  version: "0.1.0",
  askers: ["asker:@400000006aff3d5e2a1b3c4d:3e0c9d4e"],
  control: 20,
  lock: 21,
  softNofile: 1024,
  ignoredSignals: [1, 13],
  command: { pid: 4712, foreign: false, directory: 28, deadline: 1482.5, drain: true },
  toldReady: true,
  services: [
    {
      name: "web",
      identity: "0:27:1373291",
      active: true,
      pipeEnd: 22,
      service: {
        state: {
          phase: "up",
          pid: 4711,
          wantUp: true,
          ready: false,
          paused: false,
          waitStatus: 256,
          wasReady: true,
        },
        stamp: "1795273004665862950",
        readyStamp: "1795273004667247710",
        readyAt: 1379470.741214,
        timer: 1481657.484241,
        statusIsStale: true,
        detached: false,
        foreign: true,
        descriptors: { directory: 23, control: 24, lock: 25, notification: 26 },
      },
    },
    { name: "web/log", identity: "0:27:1373299", active: true, pipeEnd: 27 },
    { name: "broken", identity: "0:27:1373305", active: false, retryAt: 1481.5, retryDelay: 4000 },
  ],
  loggers: [[0, 1]],
};

type Path = readonly (string | number)[];

/** A copy of the whole snapshot in which one field has another value, or is missing. */
function changed(path: Path, value: unknown): string {
  const copy = structuredClone(whole);
  // deno-lint-ignore no-explicit-any
  let at = copy as any;
  for (const step of path.slice(0, -1)) at = at[step];
  at[path.at(-1)!] = value;
  return JSON.stringify(copy);
}

function named(path: Path): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("").slice(1);
}

function messageOf(text: string): string {
  return assertThrows(() => parseSnapshot(text), SnapshotError).message;
}

const service: Path = ["services", 0, "service"];
const state: Path = [...service, "state"];
const held: Path = [...service, "descriptors"];

/** Each field, and values that it must not have. `undefined`: it must not be missing. */
const wrong: readonly (readonly [Path, ...unknown[]])[] = [
  [["format"], "2", 0, 1.5, FORMAT + 1, null],
  [["version"], undefined, 1, "", "0.1.0\n"],
  [["askers"], undefined, "asker:1", [7], ["../control"], ["a/b"]],
  [["control"], undefined, "20", -1, 2, 2 ** 31, 20.5, null, 21],
  [["lock"], undefined, true, 0, 20],
  [["softNofile"], "1024", -1, 0.5, null],
  [["ignoredSignals"], undefined, 1, [0], [65], ["HUP"]],
  [["command"], null, [], "true"],
  [["command", "pid"], undefined, "4712", -1, 0.5, 4711],
  [["command", "foreign"], undefined, 0],
  [["command", "directory"], undefined, "28", 2, 27],
  [["command", "deadline"], "1482", -1, null],
  [["command", "drain"], undefined, "yes"],
  [["toldReady"], 1, "yes", null],
  [["services"], undefined, {}, "web", [7], [null], [[]]],
  [["services", 0, "name"], undefined, 7, "", ".hidden", "a/b", "a/log/log", "a\0"],
  [["services", 0, "identity"], undefined, 27, "0:27", "0:27:x", "0:27:1373299"],
  [["services", 0, "active"], undefined, 1, "true", null],
  [["services", 0, "pipeEnd"], "22", 1, 23, null],
  [["services", 2, "retryAt"], "1481", -1, null],
  [["services", 2, "retryDelay"], "4000", 0, 1e9, null],
  [service, null, [], "up"],
  [state, undefined, null, "up"],
  [[...state, "phase"], undefined, "upp", 1, "toString"],
  [[...state, "pid"], undefined, "4711", -1, 0, 4711.5, 2 ** 23],
  [[...state, "wantUp"], undefined, 1],
  [[...state, "ready"], undefined, "yes"],
  [[...state, "paused"], undefined, null],
  [[...state, "waitStatus"], undefined, -1, 65536, "0"],
  [[...state, "wasReady"], undefined, 0],
  [[...service, "stamp"], undefined, 1795273004, "", "now", "1.5"],
  [[...service, "readyStamp"], undefined, 1795273004, "1e9"],
  [[...service, "readyAt"], undefined, "1379470", null],
  [[...service, "timer"], "1481657", -1, null],
  [[...service, "statusIsStale"], false, 1, "true"],
  [[...service, "detached"], undefined, 0],
  [[...service, "foreign"], undefined, "no"],
  [held, undefined, [], null],
  [[...held, "directory"], undefined, "23", 0, 24],
  [[...held, "control"], undefined, -24, 25],
  [[...held, "lock"], undefined, null, 26],
  [[...held, "notification"], "26", 2, null, 27],
  [["loggers"], undefined, {}, [0, 1], [[0]], [[0, 1, 2]], [[0, 3]], [[0, -1]], [[0, 1], [0, 2]]],
];

for (const [path, ...values] of wrong) {
  Deno.test(`a snapshot whose ${named(path)} is wrong is refused, and the place is named`, () => {
    for (const value of values) {
      const message = messageOf(changed(path, value));
      const place = named(path);
      // Of two equal fields the error names the second first.
      const alike = /: is (descriptor|the directory|process) .*, as is (.*)$/.exec(message)?.[2];
      assertEquals(message.startsWith(place) || alike === place, true, message);
      assertEquals(message.includes("\n"), false, message);
    }
  });
}

Deno.test("each field of a snapshot has its line in the table of wrong values", () => {
  const known = new Set(wrong.map(([path]) => named(path).replaceAll(/\[\d+\]/g, "[]")));
  const missing: string[] = [];
  const visit = (value: unknown, path: Path) => {
    const place = named(path).replaceAll(/\[\d+\]/g, "[]");
    if (path.length > 0 && typeof path.at(-1) === "string" && !known.has(place)) {
      missing.push(place);
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, field] of Object.entries(value)) {
      visit(field, [...path, Array.isArray(value) ? Number(name) : name]);
    }
  };
  visit(whole, []);
  assertEquals(missing, []);
});

Deno.test("a snapshot is read as it was written", () => {
  const { format: _, ...rest } = whole;
  const snapshot = rest as unknown as ScanSnapshot;
  assertEquals(parseSnapshot(formatSnapshot(snapshot)), snapshot);
  assertEquals(JSON.parse(formatSnapshot(snapshot)).format, FORMAT);
});

Deno.test("a snapshot without services, and without what may be missing, is read", () => {
  const least = { control: 20, lock: 21, ignoredSignals: [], services: [], loggers: [] };
  const snapshot = { ...least, version: "1.0.0", askers: [] };
  assertEquals(parseSnapshot(formatSnapshot(snapshot)), snapshot);
});

Deno.test("fields that this version does not know are ignored", () => {
  const copy = structuredClone(whole) as Record<string, unknown>;
  copy["later"] = { anything: [1] };
  const { format: _, ...rest } = whole;
  assertEquals(parseSnapshot(JSON.stringify(copy)), rest as unknown as ScanSnapshot);
});

Deno.test("a newer format is refused, and the reason says that this version is too old", () => {
  const message = messageOf(changed(["format"], FORMAT + 1));
  assertStringIncludes(message, `format: is ${FORMAT + 1}`);
  assertStringIncludes(message, "too old");
});

for (const text of ["", "{", "garbage", "\0", "[]", "null", "7"]) {
  Deno.test(`${JSON.stringify(text)} is no snapshot`, () => {
    assertStringIncludes(messageOf(text), "the snapshot: ");
  });
}

Deno.test("a service that is down has no process", () => {
  assertEquals(
    messageOf(changed([...state, "phase"], "down")),
    "services[0].service.state.pid: is 4711, must be 0 while the service is down",
  );
});

Deno.test("two services can't have the same process", () => {
  const copy = structuredClone(whole);
  const first = copy.services[0]!.service!;
  copy.services[2] = {
    ...copy.services[2]!,
    service: { ...first, descriptors: { directory: 33, control: 34, lock: 35, notification: 36 } },
  } as unknown as typeof copy.services[2];
  assertEquals(
    messageOf(JSON.stringify(copy)),
    "services[2].service.state.pid: is process 4711, as is services[0].service.state.pid",
  );
});

Deno.test("format 1, as a version without a number wrote it, is read", async () => {
  const recorded = await Deno.readTextFile(new URL("snapshot_format_1.json", import.meta.url));
  const { scanner, ...scan } = JSON.parse(recorded);
  const snapshot = parseSnapshot(recorded);
  assertEquals(snapshot.version, undefined);
  assertEquals(snapshot.askers, undefined);
  const services = scanner.services.map((
    // deno-lint-ignore no-explicit-any
    { service, ...rest }: any,
  ) => {
    if (service === undefined) return rest;
    const { adopted, ...others } = service;
    return { ...rest, service: { ...others, foreign: adopted } };
  });
  assertEquals(snapshot, { ...scan, services, loggers: scanner.loggers });
  // What it was recorded of: services taken over, one that finishes, one with a logger.
  assertEquals(services.length, 8);
  assertEquals(snapshot.loggers, [[4, 5]]);
});

Deno.test("format 1 has no other names", async () => {
  const recorded = await Deno.readTextFile(new URL("snapshot_format_1.json", import.meta.url));
  const message = messageOf(recorded.replace('"adopted"', '"foreign"'));
  assertStringIncludes(message, "scanner.services[0].service.adopted: is missing");
  assertStringIncludes(messageOf(JSON.stringify({ ...whole, format: 1 })), "scanner");
});

Deno.test("descriptors must be open, and of the right kind", () => {
  const made = pipe();
  const directory = open(CWD, ".", Open.READ | Open.DIRECTORY);
  const path = Deno.makeTempFileSync();
  const file = open(CWD, path, Open.READ);
  const other = open(CWD, path, Open.READ);
  const closed = pipe();
  close(closed.read);
  close(closed.write);
  try {
    const snapshot = parseSnapshot(JSON.stringify({
      ...whole,
      command: undefined,
      control: made.read,
      lock: file,
      services: [{
        ...whole.services[0],
        pipeEnd: undefined,
        service: {
          ...whole.services[0]!.service,
          descriptors: { directory, control: made.write, lock: other },
        },
      }],
      loggers: [],
    }));
    checkDescriptors(snapshot);
    assertEquals(
      descriptorsOf(snapshot).map(({ fd }) => fd),
      [made.read, file, directory, made.write, other],
    );
    const message = (changes: Partial<ScanSnapshot>) =>
      assertThrows(() => checkDescriptors({ ...snapshot, ...changes }), SnapshotError).message;
    assertEquals(
      message({ control: closed.read }),
      `control: descriptor ${closed.read} is not open`,
    );
    assertEquals(
      message({ lock: directory }),
      `lock: descriptor ${directory} is of type directory, must be file`,
    );
    const [first] = snapshot.services;
    assertEquals(
      message({ services: [{ ...first!, pipeEnd: file }] }),
      `services[0].pipeEnd: descriptor ${file} is of type file, must be fifo`,
    );
  } finally {
    for (const fd of [made.read, made.write, directory, file, other]) close(fd);
    Deno.removeSync(path);
  }
});
