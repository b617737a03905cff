/** What a process has from its parent, one fact a line. */
export type ProcessState = Record<string, string>;

/**
 * Collects the state of a process from /proc, which does not change the process.
 *
 * @param pid The process.
 * @param supervisor Its supervisor: facts are expressed in relation to that.
 * @param hide A path that differs from run to run, shown as `HERE`.
 * @returns Everything about it that a supervisor can influence.
 */
export async function processState(
  pid: number,
  supervisor: number,
  hide: string,
): Promise<ProcessState> {
  const state: ProcessState = {
    "working directory": await Deno.readLink(`/proc/${pid}/cwd`),
    "root directory": await Deno.readLink(`/proc/${pid}/root`),
    "command line": (await read(pid, "cmdline")).replaceAll("\0", " "),
    "environment": (await read(pid, "environ")).split("\0").sort().join("\n"),
    "resource limits": await read(pid, "limits"),
    "out-of-memory score": await read(pid, "oom_score_adj"),
    "execution domain": await read(pid, "personality"),
    "control group": await read(pid, "cgroup"),
    "timer slack": await read(pid, "timerslack_ns"),
    "core dump filter": await read(pid, "coredump_filter"),
    ...await descriptors(pid, supervisor),
    ...await statusFields(pid),
    ...await family(pid, supervisor),
  };
  for (const [fact, value] of Object.entries(state)) {
    state[fact] = value.replaceAll(hide, "HERE").trim();
  }
  return state;
}

async function read(pid: number, file: string): Promise<string> {
  return await Deno.readTextFile(`/proc/${pid}/${file}`);
}

async function descriptors(pid: number, supervisor: number): Promise<ProcessState> {
  const state: ProcessState = {};
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`);
    const info = await Deno.readTextFile(`/proc/${pid}/fdinfo/${name}`);
    const flags = /flags:\s*(\d+)/.exec(info)?.[1];
    const same = target === await Deno.readLink(`/proc/${supervisor}/fd/${name}`).catch(() => "");
    const kind = target.replace(/:\[\d+\]/, "");
    state[`descriptor ${name}`] = `${kind}, flags ${flags}${same ? ", the supervisor's own" : ""}`;
  }
  return state;
}

async function statusFields(pid: number): Promise<ProcessState> {
  const state: ProcessState = {};
  const wanted =
    /^(Umask|Uid|Gid|Groups|Sig[BIC]\w+|ShdPnd|Cap\w+|NoNewPrivs|Seccomp|Cpus_allowed)$/;
  for (const line of (await read(pid, "status")).split("\n")) {
    const [name = "", value = ""] = line.split(":\t");
    if (!wanted.test(name)) continue;
    // The C library uses signals 32 and 33 for itself.
    state[name] = name.startsWith("Sig")
      ? (BigInt(`0x${value}`) & ~(3n << 31n)).toString(16)
      : value;
  }
  return state;
}

async function family(pid: number, supervisor: number): Promise<ProcessState> {
  const fields = (await read(pid, "stat")).replace(/^.*\) /, "").split(" ");
  // Numbered from 3 in proc(5), the first two being cut off.
  const field = (number: number) => Number(fields[number - 3]);
  const relation = (id: number) =>
    id === pid ? "itself" : id === supervisor ? "supervisor" : "other";
  return {
    "parent": relation(field(4)),
    "process group": relation(field(5)),
    "session": relation(field(6)),
    "terminal": String(field(7)),
    "nice value": String(field(19)),
    "real-time priority": String(field(40)),
    "scheduling policy": String(field(41)),
  };
}
