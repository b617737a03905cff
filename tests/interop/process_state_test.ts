/**
 * What a service and its finish script are given: descriptors, signals, limits, environment, session
 * and the rest are the same under `sv supervise` as under `s6-supervise`.
 */
import { assertEquals } from "@std/assert";
import { basename } from "@std/path";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { service } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, type SupervisorOptions, supervisors } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { type ProcessState, processState } from "./process_state.ts";

/** How a supervisor is started, and what its service directory says. */
interface Circumstances {
  readonly name: string;
  readonly files?: Record<string, string>;
  readonly through?: readonly string[];
  readonly env?: Record<string, string>;
}

const shell = (script: string) => ["sh", "-c", `${script}; exec "$@"`, "sh"];

const circumstances: readonly Circumstances[] = [
  { name: "by default" },
  { name: "with stdin a pipe", through: ["sh", "-c", 'sleep 1000 | exec "$@"', "sh"] },
  { name: "with stdin and stdout files", through: shell("exec <supervise.in >supervise.out") },
  { name: "with stdin open for both", through: shell("exec <>supervise.in") },
  { name: "with stdout and stderr one pipe", through: ["sh", "-c", '"$@" 2>&1 | cat', "sh"] },
  { name: "with an inherited descriptor 3", through: shell("exec 3<supervise.in") },
  { name: "with an inherited descriptor 9", through: shell("exec 9>supervise.out") },
  ...["1", "2", "3", "4", "9", "10", "40", "200"].map((fd) => ({
    name: `with notification-fd ${fd}`,
    files: { "notification-fd": `${fd}\n` },
  })),
  {
    name: "with an inherited descriptor 3 and notification-fd 3",
    files: { "notification-fd": "3\n" },
    through: shell("exec 3<supervise.in"),
  },
  {
    name: "with an inherited descriptor 3 and notification-fd 4",
    files: { "notification-fd": "4\n" },
    through: shell("exec 3<supervise.in"),
  },
  {
    // s6 2.11 needs the lock file to be there.
    name: "with lock-fd 7 and notification-fd 3",
    files: { "lock-fd": "7\n", "notification-fd": "3\n", "supervise/service-lock": "" },
  },
  {
    name: "with lock-fd 40 and notification-fd 41",
    files: { "lock-fd": "40\n", "notification-fd": "41\n", "supervise/service-lock": "" },
  },
  { name: "with HUP and USR1 ignored", through: ["env", "--ignore-signal=HUP,USR1"] },
  { name: "with PIPE ignored", through: ["env", "--ignore-signal=PIPE"] },
  { name: "with PIPE at its default", through: ["env", "--default-signal=PIPE"] },
  { name: "with TERM and INT ignored", through: ["env", "--ignore-signal=TERM,INT,QUIT"] },
  { name: "with USR2 blocked", through: ["env", "--block-signal=USR2"] },
  { name: "with TERM and CHLD blocked", through: ["env", "--block-signal=TERM,CHLD"] },
  { name: "with a low limit of open files", through: shell("ulimit -Sn 300") },
  { name: "with a hard limit of open files", through: shell("ulimit -n 400") },
  {
    name: "with other limits",
    through: shell("ulimit -c 0; ulimit -s 4096; ulimit -Su 5000; ulimit -f 100000"),
  },
  { name: "with an empty environment", env: {} },
  {
    name: "with an odd environment",
    env: {
      PATH: "/usr/bin:/bin",
      EMPTY: "",
      LINES: "one\ntwo",
      NO_COLOR: "1",
      DENO_DIR: "/nowhere",
      LD_LIBRARY_PATH: "",
      HOME: "/",
    },
  },
  { name: "with another umask", through: shell("umask 027") },
  { name: "with another nice value", through: ["nice", "-n", "5"] },
  {
    name: "with another out-of-memory score",
    through: shell("echo 123 >/proc/self/oom_score_adj"),
  },
  { name: "with supplementary groups", through: ["setpriv", "--groups", "7,12345"] },
  { name: "with no new privileges", through: ["setpriv", "--no-new-privs"] },
  { name: "on one processor", through: ["taskset", "1"] },
];

const needs = [missingPrograms("s6-supervise", "execlineb", "setpriv", "taskset")];

// Neither execlineb nor sleep changes the state of the process.
const sleeper = "#!/usr/bin/execlineb -P\n/bin/sleep 1000\n";

async function observe(
  supervisor: readonly string[],
  { files, through, env }: Circumstances,
): Promise<{ run: ProcessState; finish: ProcessState }> {
  await using place = await service({
    run: sleeper,
    finish: sleeper,
    files: { "timeout-finish": "0\n", ...files },
  });
  await Deno.writeTextFile(`${place.parent}/supervise.in`, "input");
  const options: SupervisorOptions = {
    cwd: place.parent,
    ...(through === undefined ? {} : { through }),
    ...(env === undefined ? {} : { env }),
  };
  await using running = await Supervisor.start(supervisor, basename(place.path), options);
  const look = async (finishing: boolean) => {
    const pid = await until(async () => {
      const status = await readStatusFile(place.path).catch(() => undefined);
      if (status === undefined || status.pid === 0 || status.finishing !== finishing) return false;
      return await isAsleep(status.pid) && status.pid;
    }, `${finishing ? "finish" : "run"} to be running`);
    const parent = await parentOf(pid);
    return await processState(pid, parent, place.parent);
  };
  const run = await look(false);
  await running.send("Ok");
  const finish = await look(true);
  await running.send("x");
  Deno.kill((await readStatusFile(place.path)).pid, "SIGKILL");
  return { run, finish };
}

/** Tells whether the process has become `sleep`, and sleeps. */
async function isAsleep(pid: number): Promise<boolean> {
  try {
    const commandLine = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return commandLine.startsWith("/bin/sleep") && stat.includes(") S ");
  } catch {
    return false;
  }
}

async function parentOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return Number(stat.replace(/^.*\) /, "").split(" ")[1]);
}

/** Returns the facts of one state that differ in the other, so that a failure shows only these. */
function without(state: ProcessState, other: ProcessState): ProcessState {
  return Object.fromEntries(
    Object.entries(state).filter(([fact, value]) => other[fact] !== value),
  );
}

for (const circumstance of circumstances) {
  testNeeding(needs, `a service ${circumstance.name} sees what it sees under s6`, async () => {
    const [s6, sv] = await Promise.all([
      observe(supervisors.s6, circumstance),
      observe(supervisors.sv, circumstance),
    ]);
    assertEquals(without(sv.run, s6.run), without(s6.run, sv.run), "what run sees");
    assertEquals(without(sv.finish, s6.finish), without(s6.finish, sv.finish), "what finish sees");
  });
}

testNeeding(needs, "argv of run is ./run and the name of the service", async () => {
  // The name is an argument that sleep accepts, so that the process stays and its argv can be read.
  for (
    const [supervisor, argv0] of [
      // Since 2.12 it is ./run under s6, too.
      [supervisors.s6, "run"],
      [supervisors.sv, supervisors.sv.length === 1 ? "run" : "./run"],
    ] as const
  ) {
    await using place = await service({}, "1000");
    await Deno.symlink("/bin/sleep", `${place.path}/run`);
    await using _running = await Supervisor.start(supervisor, "1000", { cwd: place.parent });
    const commandLine = await until(async () => {
      const { pid } = await readStatusFile(place.path).catch(() => ({ pid: 0 }));
      if (pid === 0) return false;
      const text = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      return text.includes("run\0") && text;
    }, "run to be executed");
    assertEquals(commandLine, `${argv0}\x001000\0`);
  }
});
