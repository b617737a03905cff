/**
 * Links that another user puts in the place of a file, at the worst moment: after any call of the C
 * library. What root owns elsewhere stays as it is, and stays secret.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { cleanFifodir, makeFifodir } from "../mod.ts";
import { Listener } from "../lib/fifodir/listener.ts";
import { newListenerName } from "../lib/fifodir/names.ts";
import { close } from "../lib/os/file.ts";
import { removeSocket } from "../lib/os/datagram_socket.ts";
import { libc } from "../lib/os/libc.ts";
import { copyTree, removeTree } from "../lib/rc/live/copy_tree.ts";
import { notifySocket } from "../lib/readiness/sd_notify/notify_socket.ts";
import { clearDeathTally } from "../lib/servicedir/death_tally.ts";
import { allowEvents, allowSupervise } from "../lib/servicedir/permissions.ts";
import { missingRoot, testNeeding } from "./support/needs.ts";
import { temporaryDirectory } from "./support/temporary_directory.ts";

const ATTACKER = 65534;
const SECRET = "secret\n";

/** The functions of the C library between whose calls the attacker acts. */
const CALLS = [
  "openat",
  "statx",
  "mkdirat",
  "mkfifoat",
  "unlinkat",
  "renameat",
  "readlinkat",
  "getdents64",
  "bind",
] as const;

// A function of libc that is called often is bound anew: from then on it stays.
const none = new Uint8Array(256);
for (let calls = 0; calls < 200; calls++) {
  libc.openat(-1, none, 0, 0);
  libc.statx(-1, none, 0, 0, none);
  libc.mkdirat(-1, none, 0);
  libc.mkfifoat(-1, none, 0);
  libc.unlinkat(-1, none, 0);
  libc.renameat(-1, none, -1, none);
  libc.readlinkat(-1, none, none, 0n);
  libc.getdents64(-1, none, 0);
  libc.bind(-1, none, 0);
}

/** Runs a shell script as the attacker; its failure is the attacker's. */
function attack(cwd: string, script: string): void {
  new Deno.Command("setpriv", {
    args: [
      `--reuid=${ATTACKER}`,
      `--regid=${ATTACKER}`,
      "--clear-groups",
      ...["/bin/sh", "-c", script],
    ],
    cwd,
    stdout: "null",
    stderr: "null",
  }).outputSync();
}

/** Calls back once, after the given number of calls of the C library. Returns whether it came to that. */
function actAfter(calls: number, act: () => void, operate: () => void): boolean {
  let left = calls;
  const originals = CALLS.map((name) => [name, libc[name]] as const);
  for (const [name, original] of originals) {
    const value = (...args: unknown[]) => {
      const result = (original as (...args: unknown[]) => unknown)(...args);
      if (--left === 0) act();
      return result;
    };
    Object.defineProperty(libc, name, { value, configurable: true });
  }
  try {
    operate();
  } catch {
    // It may well fail: the attacker has taken away what it works on.
  } finally {
    for (const [name, value] of originals) {
      Object.defineProperty(libc, name, { value, configurable: true });
    }
  }
  return left <= 0;
}

/** A directory of the attacker, and a file and a directory of root that no other user may read. */
async function places() {
  const place = await temporaryDirectory();
  Deno.chmodSync(place.path, 0o755);
  const theirs = `${place.path}/theirs`;
  const file = `${place.path}/secret`;
  const directory = `${place.path}/directory`;
  Deno.mkdirSync(theirs);
  Deno.chownSync(theirs, ATTACKER, ATTACKER);
  Deno.mkdirSync(directory, { mode: 0o700 });
  for (const path of [file, `${directory}/kept`, `${directory}/f`]) {
    Deno.writeTextFileSync(path, SECRET, { mode: 0o600 });
  }
  const modeOf = (path: string) => {
    const { mode, uid, gid } = Deno.lstatSync(path);
    return [(mode! & 0o7777).toString(8), uid, gid];
  };
  const state = () => [
    modeOf(file),
    modeOf(directory),
    modeOf(`${directory}/kept`),
    Deno.readTextFileSync(file),
    [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
  ];
  const before = state();
  return {
    path: place.path,
    theirs,
    file,
    directory,
    /** Asserts that what root has is as it was. */
    unharmed: (when: string) => assertEquals(state(), before, when),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/**
 * Registers a test that does something again and again, while the attacker acts after its first call of
 * the C library, after its second, and so on.
 */
function testAtEveryMoment(
  name: string,
  prepare: (at: Awaited<ReturnType<typeof places>>) => {
    readonly operate: () => void;
    readonly script: string;
    readonly check?: () => void;
  },
): void {
  testNeeding([missingRoot("to be attacked by another user")], name, async () => {
    let acted = true;
    let moments = 0;
    for (let calls = 1; acted; calls++) {
      await using at = await places();
      const { operate, script, check } = prepare(at);
      acted = actAfter(calls, () => attack(at.theirs, script), operate);
      at.unharmed(`after call ${calls}`);
      check?.();
      if (acted) moments++;
    }
    assert(moments >= 2, `the attacker could act at ${moments} moments only`);
  });
}

testAtEveryMoment("a link in the place of a notify socket changes no other file's mode", (at) => ({
  operate: () => {
    const address = `${at.theirs}/socket`;
    try {
      close(notifySocket(address).socket);
    } finally {
      removeSocket(address);
    }
  },
  script: `mv socket old; ln -s ${at.file} socket`,
}));

testAtEveryMoment(
  "a link in the place of a listener's FIFO changes no other file's mode",
  (at) => ({
    operate: () => new Listener(at.theirs)[Symbol.dispose](),
    script: `for f in .ftrig1*; do mv "$f" old; ln -s ${at.file} "$f"; done`,
  }),
);

testAtEveryMoment("a link in the place of a fifodir changes no other directory's mode", (at) => ({
  operate: () => makeFifodir(`${at.theirs}/event`, { group: ATTACKER, force: true }),
  script: `mv event old; ln -s ${at.directory} event`,
}));

testAtEveryMoment("sv perms gives away nothing but what belongs to the service", (at) => {
  const supervise = `${at.theirs}/supervise`;
  Deno.mkdirSync(supervise, { mode: 0o700 });
  Deno.mkdirSync(`${at.theirs}/event`);
  new Deno.Command("mkfifo", { args: [`${supervise}/control`] }).outputSync();
  for (const path of [supervise, `${supervise}/control`, `${at.theirs}/event`]) {
    Deno.chownSync(path, ATTACKER, ATTACKER);
  }
  return {
    operate: () => {
      allowEvents(at.theirs, ATTACKER);
      allowSupervise(at.theirs, ATTACKER, ATTACKER);
    },
    script: `mv event e; ln -s ${at.directory} event
      mv supervise/control s; ln -s ${at.file} supervise/control
      mv supervise t; ln -s ${at.directory} supervise`,
  };
});

testAtEveryMoment("a tally is cleared beside a planted link, and through none", (at) => {
  Deno.mkdirSync(`${at.theirs}/supervise`);
  Deno.chownSync(`${at.theirs}/supervise`, ATTACKER, ATTACKER);
  attack(at.theirs, `ln -s ${at.file} supervise/death_tally.new`);
  return {
    operate: () => clearDeathTally(at.theirs),
    script: `rm -f supervise/death_tally.new; ln -s ${at.file} supervise/death_tally.new
      ln -sf ${at.file} supervise/death_tally`,
  };
});

testAtEveryMoment("a copy holds nothing that its source's owner may not read", (at) => {
  attack(at.theirs, "mkdir data data/sub; echo own >data/f; echo own >data/sub/f");
  return {
    operate: () => copyTree(`${at.theirs}/data`, `${at.path}/copy`),
    script:
      `rm -f data/f; ln -s ${at.file} data/f; mv data/sub data/old; ln -s ${at.directory} data/sub`,
    check: () => {
      const { stdout } = new Deno.Command("grep", {
        args: ["-rs", "secret", `${at.path}/copy`],
        stderr: "null",
      }).outputSync();
      assertEquals(new TextDecoder().decode(stdout), "");
    },
  };
});

testAtEveryMoment(
  "what is removed with a directory of another user's is in that directory",
  (at) => {
    attack(at.theirs, "mkdir data data/sub; touch data/f data/sub/f data/sub/kept");
    return {
      operate: () => removeTree(`${at.theirs}/data`),
      script: `mv data/sub data/old; ln -s ${at.directory} data/sub
      mv data old; ln -s ${at.directory} data`,
    };
  },
);

testNeeding(
  [missingRoot("to be attacked by another user")],
  "sv perms refuses a link of another user's, and a FIFO with a second name",
  async () => {
    await using at = await places();
    attack(at.theirs, `ln -s ${at.directory} event; mkdir -m 700 supervise`);
    assertThrows(() => allowEvents(at.theirs, "public"), Error, "event of user 65534");
    new Deno.Command("mkfifo", { args: ["-m", "600", `${at.path}/fifo`] }).outputSync();
    Deno.linkSync(`${at.path}/fifo`, `${at.theirs}/supervise/control`);
    assertThrows(() => allowSupervise(at.theirs, "owner", ATTACKER), Error, "is not a named pipe");
    assertEquals(Deno.statSync(`${at.path}/fifo`).mode! & 0o777, 0o600);
    at.unharmed("at the end");
  },
);

testNeeding([missingRoot("to own a link")], "a link of root's is followed", async () => {
  await using at = await places();
  Deno.symlinkSync("../directory", `${at.theirs}/event`);
  allowEvents(at.theirs, "public");
  assertEquals(Deno.statSync(at.directory).mode! & 0o7777, 0o1733);
  using listener = new Listener(`${at.theirs}/event`);
  assertEquals(listener.read().length, 0);
});

Deno.test("a link or a socket in a fifodir that has a listener's name is left alone", async () => {
  await using place = await temporaryDirectory();
  const fifodir = `${place.path}/event`;
  makeFifodir(fifodir);
  new Deno.Command("mkfifo", { args: [`${place.path}/fifo`] }).outputSync();
  Deno.symlinkSync(`${place.path}/fifo`, `${fifodir}/${newListenerName(0n)}`);
  close(notifySocket(`${fifodir}/${newListenerName(1n)}`).socket);
  assertEquals(cleanFifodir(fifodir), 0);
  assertEquals([...Deno.readDirSync(fifodir)].length, 2);
});

Deno.test("a notify socket and a listener's FIFO have their modes whatever the umask", async () => {
  await using place = await temporaryDirectory();
  const former = Deno.umask(0o077);
  try {
    const { socket } = notifySocket(`${place.path}/socket`);
    using _listener = new Listener(place.path);
    const modes = [...Deno.readDirSync(place.path)].map(({ name }) =>
      (Deno.lstatSync(`${place.path}/${name}`).mode! & 0o7777).toString(8)
    );
    assertEquals(modes.sort(), ["622", "666"]);
    close(socket);
    assertEquals(Deno.umask(), 0o077);
  } finally {
    Deno.umask(former);
  }
});

Deno.test("only lib/os/rights.ts sets modes and owners, of open files", () => {
  const setting = [...walkSync(new URL("../lib/", import.meta.url), { exts: ["ts"] })]
    .filter(({ path }) => /libc\.(f?chmod|l?f?chown)/.test(Deno.readTextFileSync(path)))
    .map(({ name }) => name);
  assertEquals(setting, ["rights.ts"]);
});
