/**
 * Every client of s6, as Debian has it and as `sv` under the client's name, on services that either
 * supervisor supervises: the output and the exit code are the same in all four combinations.
 */
import { assertEquals } from "@std/assert";
import { atATime } from "../support/at_a_time.ts";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { missingPrograms, needing } from "../support/needs.ts";
import { sv, svCommand } from "../support/program.ts";
import { quoted } from "../support/quoted.ts";
import { type Finished, run } from "../support/run.ts";
import { service } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";

/** A use of clients, as a shell script in a directory that contains `service`. */
interface Use {
  readonly name: string;
  /** The service before the script runs. */
  readonly state: "ready" | "up" | "down" | "dead" | "unsupervised";
  readonly script: string;
  /** More files for the service directory. */
  readonly files?: Record<string, string>;
  readonly run?: string;
  readonly finish?: string;
  readonly differences?: readonly Difference[];
}

/** An expected difference from s6 2.11, in some of the combinations. */
interface Difference {
  readonly because: string;
  readonly supervisor?: "sv";
  readonly client: "s6" | "sv";
  readonly code?: number;
  readonly stdout?: string;
}

const notStartedYet = "since 2.13.2 a service that was never started is marked in its status file";

const clients = [
  "s6-cleanfifodir",
  "s6-ftrig-listen",
  "s6-ftrig-listen1",
  "s6-ftrig-notify",
  "s6-ftrig-wait",
  "s6-mkfifodir",
  "s6-notifyoncheck",
  "s6-permafailon",
  "s6-svc",
  "s6-svdt",
  "s6-svdt-clear",
  "s6-svlisten",
  "s6-svlisten1",
  "s6-svok",
  "s6-svstat",
  "s6-svwait",
];

const states = ["ready", "up", "down", "dead", "unsupervised"] as const;

const fields = [
  "up",
  "wantedup",
  "normallyup",
  "ready",
  "paused",
  "pid",
  "exitcode",
  "signal",
  "signum",
  "updownsince",
  "readysince",
  "updownfor",
  "readyfor",
];

const uses: readonly Use[] = [
  ...states.flatMap((state): Use[] => [
    { name: "s6-svok", state, script: "s6-svok service" },
    {
      name: "s6-svstat",
      state,
      script: "s6-svstat service",
      differences: neverStarted(state, { sv: "down (not started yet) \n" }),
    },
    ...fields.map((field): Use => ({
      name: `s6-svstat -o ${field}`,
      state,
      script: `s6-svstat -o ${field} service`,
      differences: field === "paused"
        ? neverStarted(state, { s6: "true\n" })
        : field === "exitcode"
        ? neverStarted(state, { sv: "-1\n" })
        : [],
    })),
    {
      name: "s6-svstat's short options",
      state,
      script: "for o in u w N r p s e t; do s6-svstat -$o service; done",
      differences: neverStarted(state, { sv: "false\nfalse\nfalse\nfalse\n-1\nNA\n-1\n0 or 1\n" }),
    },
    {
      name: "s6-svstat -o with many fields",
      state,
      script: `s6-svstat -o ${fields.slice(0, 5).join(",")},exitcode,signal,pid service`,
      differences: neverStarted(state, {
        s6: "false false false false true 0 NA -1\n",
        sv: "false false false false false -1 NA -1\n",
      }),
    },
    ...["-u", "-U", "-d", "-D", "-a -u", "-o -d"].map((options): Use => (
      {
        name: `s6-svwait ${options}`,
        state,
        script: `s6-svwait -t 300 ${options} service`,
      }
    )),
    { name: "s6-svdt", state, script: "s6-svdt service" },
    { name: "s6-svdt-clear", state, script: "s6-svdt-clear service; s6-svdt service" },
  ]),
  { name: "s6-svstat of nothing", state: "down", script: "s6-svstat nowhere" },
  { name: "s6-svstat with a wrong field", state: "down", script: "s6-svstat -o nonsense service" },
  {
    name: "s6-svc -wU -u",
    state: "down",
    script: `s6-svc -wU -T ${DEADLINE} -u service && s6-svstat -o up,ready service`,
  },
  {
    name: "s6-svc -wD -d",
    state: "ready",
    script: `s6-svc -wD -T ${DEADLINE} -d service && s6-svstat -o up,ready,signal service`,
  },
  {
    name: "s6-svc -wR -r",
    state: "ready",
    script: `s6-svc -wR -T ${DEADLINE} -r service && s6-svstat -o up,ready,signal service`,
  },
  {
    name: "s6-svc -wD -T without -d",
    state: "ready",
    script: `s6-svc -wD -T ${DEADLINE} -a service`,
  },
  { name: "s6-svc with several commands", state: "down", script: "s6-svc -uOdO service" },
  {
    name: "s6-svc without a supervisor",
    state: "unsupervised",
    script: "s6-svc -u service",
    differences: [{ because: "since 2.14 it is 102", client: "sv", code: 102 }],
  },
  { name: "s6-svc with a wrong option", state: "down", script: "s6-svc -Z service" },
  { name: "s6-svc without a directory", state: "down", script: "s6-svc -u" },
  {
    name: "s6-svc -x",
    state: "ready",
    script: "s6-svc -xd service; while s6-svok service; do :; done; s6-svstat service",
  },
  {
    name: "s6-svc -D and -U",
    state: "ready",
    script: "s6-svc -wD -D service; ls service/down; s6-svc -wU -U service; ls service/down",
  },
  {
    name: "s6-svwait until ready",
    state: "down",
    script: `s6-svwait -U -t ${DEADLINE} service & s6-svc -u service; wait $!`,
  },
  {
    name: "s6-svwait for a restart",
    state: "ready",
    script: `s6-svlisten1 -R -t ${DEADLINE} service s6-svc -r service`,
  },
  {
    name: "s6-svwait on a supervisor that exits",
    state: "ready",
    script: `s6-svlisten1 -D -t ${DEADLINE} service s6-svc -xd service`,
  },
  {
    name: "s6-svlisten1 down, finish and all",
    state: "ready",
    finish: "#!/bin/sh\nexit 0\n",
    script: `s6-svlisten1 -D -t ${DEADLINE} service s6-svc -d service`,
  },
  {
    name: "s6-svlisten",
    state: "ready",
    script: `s6-svlisten -D -t ${DEADLINE} { service } s6-svc -d service`,
  },
  {
    name: "s6-svwait on permanent failure",
    state: "ready",
    finish: "#!/bin/sh\nexit 125\n",
    script: "s6-svlisten1 -R -t 2500 service s6-svc -r service",
    differences: [
      { because: "s6 waits on, which its documentation doesn't say", client: "sv", code: 1 },
    ],
  },
  {
    name: "s6-svlisten1 -U on permanent failure",
    state: "down",
    run: "#!/bin/sh\nexit 1\n",
    finish: "#!/bin/sh\nexit 125\n",
    script: `s6-svlisten1 -U -t ${DEADLINE} service s6-svc -u service`,
  },
  {
    name: "s6-ftrig-wait",
    state: "ready",
    script: `s6-ftrig-wait -t ${DEADLINE} service/event D & 
      while ! ls service/event | grep -q ftrig1; do :; done; s6-svc -d service; wait $!`,
    differences: [
      { because: "since 2.15 it shows all events up to the match", client: "sv", stdout: "dD\n" },
    ],
  },
  {
    name: "s6-ftrig-wait too long",
    state: "ready",
    script: "s6-ftrig-wait -t 300 service/event D",
    differences: [{ because: "since 2.15 it is 99", client: "sv", code: 99 }],
  },
  {
    name: "s6-ftrig-listen1 with an expression",
    state: "ready",
    script: `s6-ftrig-listen1 -t ${DEADLINE} service/event 'dD?' s6-svc -d service >/dev/null`,
  },
  {
    name: "s6-ftrig-listen",
    state: "ready",
    script: `s6-ftrig-listen -t ${DEADLINE} { service/event '(d|D)+' } s6-svc -d service`,
  },
  {
    name: "s6-ftrig-notify reaches a listener",
    state: "down",
    script: "s6-ftrig-listen1 service/event z+ s6-ftrig-notify service/event zzz >/dev/null",
  },
  {
    name: "s6-mkfifodir and s6-cleanfifodir",
    state: "down",
    script: `s6-mkfifodir one && stat -c %a one
      s6-mkfifodir -f -g 0 two && stat -c %a two
      mkfifo 'one/ftrig1:@400000006000000000000000:abcdef'
      s6-cleanfifodir one; ls one; s6-cleanfifodir nowhere`,
    differences: [
      {
        because: "2.11 leaves the FIFO of a dead listener where it is",
        client: "sv",
        stdout: "1733\n3730\n",
      },
    ],
  },
  {
    name: "s6-svdt after deaths",
    state: "dead",
    script: "s6-svdt service; s6-svdt -s service; s6-svdt -x service; s6-svdt -n 1 service",
  },
  {
    name: "s6-permafailon",
    state: "dead",
    script: `cd service
      for what in 'exit 4' SIGKILL 0-3,9 SIGTERM,SIGINT; do
        s6-permafailon 60 1 $what sh -c 'echo went on'
        echo $?
      done`,
  },
  {
    name: "s6-notifyoncheck in run",
    state: "down",
    files: { "data/check": "#!/bin/sh\ntest -e ../goahead || test -e goahead\n" },
    run: "#!/bin/sh\nexec s6-notifyoncheck -n 0 -w 10 sleep 1000\n",
    script: `s6-svc -u service; s6-svwait -t 300 -U service; echo $?
      : >service/goahead; : >goahead; s6-svwait -t ${DEADLINE} -U service; echo $?`,
  },
];

// With SV_BIN=/usr/bin/s6-…, s6 is compared to itself, and nothing may differ: that tests the uses.
const isSv = svCommand("").length === sv.length + 1;

const combinations = [
  { supervisor: "s6", client: "s6" },
  { supervisor: "sv", client: "s6" },
  { supervisor: "s6", client: "sv" },
  { supervisor: "sv", client: "sv" },
] as const;

type Combination = typeof combinations[number];

const missing = [missingPrograms("s6-supervise", ...clients)];

let outcomes: Promise<PromiseSettledResult<Finished>[]>[] = [];

Deno.test.beforeAll(() => {
  if (missing.some((reason) => reason !== undefined)) return;
  outcomes = atATime(
    2,
    uses,
    (use) => Promise.allSettled(combinations.map((combination) => outcome(use, combination))),
  );
});

Deno.test.afterAll(async () => {
  await Promise.all(outcomes);
});

for (const [index, use] of uses.entries()) {
  Deno.test({
    ...needing(missing, `${use.name} on a service that is ${use.state}`),
    // Several uses run at once: a test may see what another one has started.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const [reference, ...others] = (await outcomes[index] ?? []).map((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
      if (reference === undefined) throw new Error(`${use.name} was not tried`);
      const seen = others.map((other, at) => {
        const { supervisor, client } = combinations[at + 1] ?? combinations[0];
        return { supervisor, client, ...comparable(other, client) };
      });
      const expected = combinations.slice(1).map((combination) => ({
        ...combination,
        ...comparable(reference, combination.client),
        ...expectedDifference(use, combination),
      }));
      assertEquals(seen, expected, use.script);
    },
  });
}

function expectedDifference(use: Use, { supervisor, client }: Combination) {
  if (!isSv) return {};
  const found = use.differences?.find((difference) =>
    difference.client === client && (difference.supervisor ?? supervisor) === supervisor
  );
  return {
    ...(found?.code === undefined ? {} : { code: found.code }),
    ...(found?.stdout === undefined ? {} : { stdout: found.stdout }),
  };
}

/** Returns how clients differ about a service that was never started, under sv. */
function neverStarted(state: Use["state"], output: { s6?: string; sv?: string }): Difference[] {
  if (state !== "down") return [];
  return (["s6", "sv"] as const).flatMap((client) => {
    const stdout = output[client];
    const because = notStartedYet;
    return stdout === undefined ? [] : [{ because, supervisor: "sv", client, stdout }];
  });
}

/** Leaves out the words of sv's messages, but not that there is one. */
function comparable({ code, stdout, stderr }: Finished, client: Combination["client"]) {
  return { code, stdout, stderr: client === "s6" ? stderr : stderr === "" ? "" : "a message" };
}

async function outcome(use: Use, { supervisor, client }: Combination): Promise<Finished> {
  const files = { ...use.files, "notification-fd": "3\n" };
  await using place = await service({
    run: use.run ??
      (use.state === "up"
        ? "#!/bin/sh\nexec sleep 1000\n"
        : "#!/bin/sh\necho >&3\nexec sleep 1000\n"),
    files: use.state === "down" ? { ...files, down: "" } : files,
    ...(use.finish === undefined ? {} : { finish: use.finish }),
  });
  const path = client === "s6" ? "/usr/bin" : await svClients(place.parent);
  if (use.files?.["data/check"]) await Deno.chmod(`${place.path}/data/check`, 0o755);
  const env = { PATH: `${path}:/usr/bin:/bin` };
  if (use.state === "unsupervised") return mask(await script(use, place.parent, env), 0);
  await using running = await Supervisor.start(supervisors[supervisor], place.path, {
    env: { ...Deno.env.toObject(), ...env },
  });
  const settled = { ready: "U", up: "u", down: "d", dead: "U", unsupervised: "d" }[use.state];
  await must(["/usr/bin/s6-svwait", "-t", `${DEADLINE}`, `-${settled}`, place.path]);
  if (use.state === "dead") {
    await must(["/usr/bin/s6-svc", "-wD", "-T", `${DEADLINE}`, "-Ok", place.path]);
  }
  const { pid } = await readStatusFile(place.path);
  const finished = mask(await script(use, place.parent, env), pid);
  if (running.stderr !== "") throw new Error(`The supervisor complained: ${running.stderr}`);
  return finished;
}

async function script(use: Use, cwd: string, env: Record<string, string>): Promise<Finished> {
  return await run(["/bin/sh", "-c", use.script], { cwd, env });
}

async function must(command: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command);
  if (code !== 0) throw new Error(`${command.join(" ")} exited ${code}: ${stderr}`);
}

/** Makes a directory where each client is the program under test. */
async function svClients(parent: string): Promise<string> {
  const directory = `${parent}/clients`;
  for (const name of clients) {
    const words = isSv ? [...sv, name] : [`/usr/bin/${name}`];
    await writeFiles(directory, { [name]: `#!/bin/sh\nexec ${quoted(words)} "$@"\n` });
  }
  return directory;
}

function mask(finished: Finished, pid: number): Finished {
  const masked = (text: string) =>
    text
      .replaceAll(/\(pid \d+( pgid \d+)?\)/g, "(pid N)")
      .replaceAll(pid === 0 ? /(?!)/g : new RegExp(`\\b${pid}\\b`, "g"), "PID")
      .replaceAll(/@[0-9a-f]{24}/g, "@TIME")
      .replaceAll(/\b\d+ seconds?/g, "N seconds")
      // The updownfor and readyfor fields, alone on their lines; 0 is also a wait status.
      .replaceAll(/^[012]$/gm, "0 or 1");
  return { ...finished, stdout: masked(finished.stdout), stderr: masked(finished.stderr) };
}
