/**
 * Supervises three real services in a temporary directory with the program `sv`, shows what happens
 * while it happens, and takes everything down again.
 *
 * usage: demo.ts SV
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { makeFifodir } from "../mod.ts";
import { leftovers } from "./demonstration/leftovers.ts";
import { Narrator } from "./demonstration/narrator.ts";
import { exampleServices, makeServices } from "./demonstration/services.ts";

/** Returns the path of the program `sv`. */
function programArgument(): string {
  const [program] = parseArgs(Deno.args, { string: ["_"] })._.map(String);
  if (program !== undefined) return program;
  console.error("usage: demo.ts SV");
  Deno.exit(100);
}

const sv = programArgument();
const root = Deno.makeTempDirSync({ prefix: "sv-demo." });
const { files, url } = exampleServices(sv);
const names = Object.keys(files);
const narrator = new Narrator();
const ending = new AbortController();
const supervisors: Deno.ChildProcess[] = [];
let running: Promise<Deno.CommandOutput> | undefined;

// sv unpacks itself and Deno caches into the directory that is removed at the end.
const env = { XDG_CACHE_HOME: `${root}/cache`, DENO_DIR: `${root}/cache/deno` };

/** Runs `sv` and shows what it prints. */
async function show(...args: string[]): Promise<number> {
  narrator.say("$", `sv ${args.join(" ")}`);
  const command = new Deno.Command(sv, { args, env, cwd: root, signal: ending.signal });
  running = command.output();
  const { code, stdout, stderr } = await running;
  for (const output of [stdout, stderr]) {
    const text = new TextDecoder().decode(output).trimEnd();
    if (text !== "") console.log(text.replaceAll(/^/gm, "           "));
  }
  narrator.say("$", `exit code ${code}`);
  return code;
}

function expectCode(what: string, code: number, expected: number): void {
  if (code !== expected) throw new Error(`${what} exited ${code}, not ${expected}`);
}

function supervise(name: string): void {
  supervisors.push(
    new Deno.Command(sv, { args: ["supervise", name], env, cwd: root, stdin: "null" }).spawn(),
  );
}

async function demonstrate(): Promise<void> {
  narrator.say("", `service directories in ${root}: ${names.join(", ")}`);
  narrator.say("", "preparing the executable");
  expectCode("sv --version", await show("--version"), 0);
  makeServices(root, files);

  const services = names.map((name) => {
    makeFifodir(`${root}/${name}/event`);
    return narrator.follow(name, `${root}/${name}`, ending.signal);
  });
  names.forEach(supervise);
  await Promise.all(services.map(({ started }) => started));
  narrator.say("", "waiting for daemon and web to be ready (about two seconds)");
  expectCode("sv wait", await show("wait", "-U", "-t", "120000", "daemon", "web"), 0);
  expectCode("sv stat", await show("stat", ...names), 0);
  narrator.say("web", `GET ${url} → ${(await (await fetch(url)).text()).trim()}`);

  narrator.say("", "waiting for stuck, which never becomes ready, for a second and a half");
  expectCode("sv wait", await show("wait", "-U", "-t", "1500", "stuck"), 99);

  narrator.say("", "killing daemon: it is started again by itself");
  expectCode("sv control", await show("control", "-wR", "-T", "120000", "-k", "daemon"), 0);
  expectCode("sv stat", await show("stat", ...names), 0);

  narrator.say("", "bringing all down");
  expectCode("sv control", await show("control", "-xd", ...names), 0);
  await Promise.all(services.map(({ ended }) => ended));
  for (const supervisor of supervisors) {
    expectCode("sv supervise", (await supervisor.status).code, 0);
  }
}

/** Ends what still runs, also after a failure, and returns the processes that did not end. */
async function cleanUp(): Promise<string[]> {
  ending.abort();
  await running;
  for (const supervisor of supervisors) {
    try {
      supervisor.kill("SIGTERM");
    } catch {
      // It has exited.
    }
  }
  await Promise.all(supervisors.map(({ status }) => status));
  const left = await leftovers(root);
  Deno.removeSync(root, { recursive: true });
  return left;
}

const interrupted = Promise.withResolvers<never>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => interrupted.reject(new Error(`ended by ${signal}`)));
}

let code = 0;
try {
  await Promise.race([demonstrate(), interrupted.promise]);
} catch (error) {
  console.error(`demo: failed: ${error instanceof Error ? error.message : error}`);
  code = 1;
}
const left = await cleanUp();
if (left.length > 0) {
  console.error(`demo: failed: processes are left:\n${left.join("\n")}`);
  code = 1;
}
if (code === 0) narrator.say("", "done: no process and no file is left");
Deno.exit(code);
