import { control, readStatus } from "../../mod.ts";
import { processorTime, SERVICES, whileScanned } from "./console.ts";
import type { Contestants } from "./contestants.ts";
import { timesRun, wakeUps } from "./idle.ts";
import { median, rest, start } from "./measure.ts";
import type { Result, Row } from "./row.ts";
import type { Scanned } from "./scanned.ts";

const PROBES = 2000;
const RESTARTS = 30;
const IDLE_SECONDS = 10;
/** The most processor time of a probe, in milliseconds. */
const MOST_TIME = 0.15;
/** The most memory of all services together, in MiB. */
const MOST_MEMORY = 20;
/** The most time from the readiness of a service to its being told, in milliseconds. */
const MOST_DELAY = 10;

const REQUEST = new TextEncoder().encode("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
const EVENTS = new TextEncoder().encode("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");

/** A server that does nothing: what the runtime needs for one. */
const EMPTY = `import { createServer } from "node:http";
createServer((_request, response) => response.end("ok\\n")).listen(Deno.args[0]);\n`;

const connect = (path: string) => Deno.connect({ transport: "unix", path });

/** Sends a request for a probe, and reads the answer. */
async function probe(connection: Deno.Conn, buffer: Uint8Array<ArrayBuffer>): Promise<void> {
  await connection.write(REQUEST);
  let answer = "";
  while (!answer.endsWith("ok\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`no answer to a probe: ${answer}`);
    answer += new TextDecoder().decode(buffer.subarray(0, count));
    if (/^HTTP\/1\.1 503/.test(answer)) throw new Error(answer);
  }
}

/** Returns the memory that a process has filled itself, in MiB: without the runtime's code, which others share. */
function ownMemory(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Anonymous:\s+(\d+)/m.exec(rollup)![1]) / 1024;
}

/** Starts a server, waits until it answers, and measures something of it. */
async function serving<T>(
  command: readonly string[],
  socket: string,
  measure: (pid: number) => Promise<T>,
): Promise<T> {
  const { pid } = start(command);
  try {
    for (let tries = 0;; tries++) {
      try {
        using connection = await connect(socket);
        await probe(connection, new Uint8Array(4096));
        break;
      } catch (error) {
        if (tries === 200) throw error;
        await rest(100);
      }
    }
    return await measure(pid);
  } finally {
    Deno.kill(pid, "SIGKILL");
    await rest(100);
    Deno.removeSync(socket);
  }
}

/** Measures `sv serve` of all services in each form. */
async function ofServe(
  contestants: Contestants,
  measure: (pid: number, socket: string, scanned: Scanned) => Promise<number>,
  reference: (socket: string) => number | Promise<number>,
): Promise<Result[]> {
  return await whileScanned(contestants, async (scanned) => {
    const socket = `${contestants.scratch}/serve.sock`;
    const limit = await reference(socket);
    const results: Result[] = [];
    for (const { name, sv } of contestants.forms) {
      const command = [
        "/usr/bin/env",
        `SVDIR=${scanned.directory}`,
        ...sv,
        "serve",
        "--listen",
        `unix:${socket}`,
      ];
      const value = await serving(command, socket, (pid) => measure(pid, socket, scanned));
      results.push({ sv: name, value, against: "budget", reference: limit });
    }
    return results;
  });
}

/** Measures the processor time of probes. */
function probes(name: string, isKept: boolean): Row {
  return {
    name: `processor time of a probe of \`sv serve\`, ${name}`,
    unit: "ms",
    budget: 1,
    measure: (contestants) =>
      ofServe(contestants, async (pid, socket) => {
        const buffer = new Uint8Array(4096);
        const ask = async (times: number) => {
          using kept = await connect(socket);
          for (let time = 0; time < times; time++) {
            if (isKept) await probe(kept, buffer);
            else {
              using fresh = await connect(socket);
              await probe(fresh, buffer);
            }
          }
        };
        await ask(PROBES);
        const before = processorTime(pid);
        await ask(PROBES);
        return (processorTime(pid) - before) / PROBES;
      }, () => MOST_TIME),
  };
}

/** Measures the memory of `sv serve` beside that of a server that does nothing. */
const memory: Row = {
  name:
    `memory of \`sv serve\` of ${SERVICES} services; the budget: an empty server's + ${MOST_MEMORY}`,
  unit: "MiB",
  budget: 1,
  measure: (contestants) =>
    ofServe(contestants, async (pid) => {
      await rest(2000);
      return ownMemory(pid);
    }, async (socket) => {
      const program = `${contestants.scratch}/empty_server.mjs`;
      Deno.writeTextFileSync(program, EMPTY);
      const flags = ["run", "--quiet", "--allow-all", "--no-config", "--no-lock"];
      const command = [Deno.execPath(), ...flags, "--v8-flags=--single-threaded", program, socket];
      return await serving(command, socket, async (pid) => {
        await rest(2000);
        return ownMemory(pid);
      }) + MOST_MEMORY;
    }),
};

/** Measures the time from the readiness of a service, as its status has it, to the event that tells it. */
const delay: Row = {
  name: `from a service's readiness to the event of \`sv serve\`, ${SERVICES} services`,
  unit: "ms",
  budget: 1,
  measure: (contestants) =>
    ofServe(contestants, async (_pid, socket, { directory }) => {
      using connection = await connect(socket);
      await connection.write(EVENTS);
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(1 << 16);
      const delays: number[] = [];
      let text = "";
      const heard = async (sign: RegExp) => {
        while (!sign.test(text)) {
          const count = await connection.read(buffer);
          if (count === null) throw new Error("sv serve has ended the connection");
          text += decoder.decode(buffer.subarray(0, count), { stream: true });
        }
        return performance.timeOrigin + performance.now();
      };
      await heard(/\}\n\n/);
      for (let time = 0; time < RESTARTS; time++) {
        text = "";
        control(`${directory}/s${time}`, "r");
        const at = await heard(new RegExp(`"name":"s${time}",[^\n]*"state":"ready"[^\n]*\n\n`));
        delays.push(at - Number(readStatus(`${directory}/s${time}`).readyStamp / 1000n) / 1000);
      }
      return median(delays);
    }, () => MOST_DELAY),
};

/** Measures how often `sv serve` wakes up while nothing happens and nobody asks. */
const idleServe: Row = {
  name: `\`sv serve\` of ${SERVICES} services: wake-ups in ${IDLE_SECONDS} idle s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    ofServe(contestants, async (pid) => {
      // Until the deadline of the last connection has passed, and the runtime has ended its idle threads.
      await rest(30_000);
      const before = timesRun(pid);
      await rest(IDLE_SECONDS * 1000);
      return wakeUps(before, timesRun(pid));
    }, () => 0),
};

/** The rows of `sv serve`. */
export const serveRows: readonly Row[] = [
  probes("over a kept connection", true),
  probes("over a new connection", false),
  memory,
  delay,
  idleServe,
];
