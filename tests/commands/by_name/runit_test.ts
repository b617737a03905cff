/** The verbs of runit's `sv`, beside runit itself: the same command lines on the same services. */
import { assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { DEADLINE } from "../../support/deadline.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

const RUNIT = "/usr/bin/sv";

const script = (line: string) => ({ run: `#!/bin/sh\n${line}\n` });
const steady = script("trap '' HUP ALRM USR1 USR2; echo >steady; exec sleep 100000");

const services = {
  web: steady,
  logged: { ...steady, "log/run": "#!/bin/sh\nexec sleep 100000\n" },
  off: { ...steady, down: "" },
  stubborn: script("trap '' TERM; while :; do sleep 0.05; done"),
  unchecked: { ...steady, check: "#!/bin/sh\nexit 1\n" },
  checked: { ...steady, check: "#!/bin/sh\necho checked >>checks\n" },
};

/**
 * Command lines in an order in which each one's outcome does not depend on the time; those that only send
 * something are followed by one that waits for it.
 */
const lines = [
  "status web",
  "reload web",
  "hup web",
  "1 web",
  "2 web",
  "alarm web",
  "status web",
  "status web logged stubborn",
  "status off",
  "check web",
  "check off",
  "start web",
  "start off",
  "check off",
  "status off",
  "-v down off",
  "-w 1 start unchecked",
  "-w 1 check unchecked",
  "start checked",
  "stop web",
  "status web",
  "stop web",
  "start web",
  "restart web",
  "restart off",
  "try-restart web",
  "force-reload web",
  "force-restart web",
  "-w 1 stop stubborn",
  "-w 1 force-stop stubborn",
  "check stubborn",
  "-w 99 stop web off",
  "-w 99 start web off",
  "-v up web",
  "status nosuch",
  "start nosuch",
  "start nosuch web nosuch",
  "-w 99 stop web",
];

/** Replaces what differs from run to run: process ids, seconds, and the words of a failure. */
function plain(text: string): string {
  return text.replaceAll(/\(pid \d+\) \d+s/g, "(pid P) Ns").replaceAll(/: \d+s/g, ": Ns")
    .replaceAll(/^(fail: \w+): .*$/gm, "$1: …");
}

/** Returns what scripts read: lines that are not indented. */
const unindented = (text: string) =>
  // Of several services runit prints first what is done first.
  text.split("\n").filter((line) => !/^ |^$/.test(line)).sort().join("\n");

async function outcomes(program: string, directory: string) {
  const env = { SVDIR: directory, SVWAIT: `${DEADLINE / 1000}` };
  const all: Record<string, string> = {};
  for (const [index, line] of lines.entries()) {
    const command = program === "sv" ? sv : [program];
    const { code, stdout } = await run([...command, ...line.split(" ")], { env });
    all[`${index}: sv ${line}`] = `${unindented(plain(stdout))}\n=> ${code}`;
  }
  return all;
}

testNeeding(
  [missingPrograms("runsvdir")],
  "a script for runit's sv finds the same lines and exit codes",
  async () => {
    await using ours = await ScanDirectory.make(services);
    await using theirs = await ScanDirectory.make(services);
    const names = ["web", "logged", "logged/log", "stubborn", "unchecked", "checked"];
    const isUp = (text: string) => text.startsWith("run");

    await using _scan = await Scan.start(ours.path);
    for (const name of names) await ours.up(name);

    const runsvdir = new Deno.Command("runsvdir", { args: [theirs.path], stderr: "null" }).spawn();
    try {
      // Signals come first, and not before they are ignored.
      for (const { path } of [ours, theirs]) {
        await until(() => exists(`${path}/web/steady`), "web to ignore signals");
      }
      for (const name of names) {
        await until(
          async () =>
            isUp(await Deno.readTextFile(`${theirs.path}/${name}/supervise/stat`).catch(() => "")),
          `runit to start ${name}`,
        );
      }
      const [said, wanted] = await Promise.all([
        outcomes("sv", ours.path),
        outcomes(RUNIT, theirs.path),
      ]);
      assertEquals(said, wanted);
    } finally {
      // At SIGHUP runsvdir tells each runsv to bring its service down and to exit.
      runsvdir.kill("SIGHUP");
      await runsvdir.status;
    }
  },
);
