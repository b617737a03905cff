import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { missingPrograms, refused, testNeeding } from "../../support/needs.ts";
import { sv, svCommand } from "../../support/program.ts";
import { quoted } from "../../support/quoted.ts";
import { run } from "../../support/run.ts";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

/**
 * Makes a directory with two services, and a program sv that completes, and else writes its arguments
 * into a file, each in brackets.
 */
async function surroundings() {
  const directory = await temporaryDirectory();
  await writeFiles(directory.path, {
    "service/web-front/run": "#!/bin/sh\n",
    "service/db/run": "#!/bin/sh\n",
    "empty/file": "",
    "bin/sv": `#!/bin/sh
if [ "$1" = completion ]; then exec ${quoted(sv)} "$@"; fi
printf '[%s]' "$@" >"$TYPED.new" && mv "$TYPED.new" "$TYPED"
`,
  });
  return {
    path: directory.path,
    env: {
      PATH: `${directory.path}/bin:${Deno.env.get("PATH")}`,
      SVDIR: `${directory.path}/service`,
      TYPED: `${directory.path}/typed`,
      HOME: `${directory.path}/empty`,
      TERM: "dumb",
      // The shells' own files change nothing here.
      ZDOTDIR: `${directory.path}/empty`,
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** What is typed, and what `sv` gets then: tabs complete. */
const TYPED = [
  ["sv wai\t-U -t 5 x\n", "[wait][-U][-t][5][x]"],
  ["sv lint --els\tx\n", "[lint][--elsewhere][x]"],
  ["sv rc upd\tx\n", "[rc][update][x]"],
  ["sv status we\t\n", "[status][web-front]"],
  ["sv stat we\t\n", "[stat][SVDIR/web-front]"],
  ["sv help wai\t\n", "[help][wait]"],
] as const;

/** How each shell is started in a terminal, so that it shows the prompt READY. */
const STARTS = {
  bash: [
    "bash --norc --noprofile -i",
    "PS1='READY''> '\n",
    'eval "$(sv completion bash)"; sv loaded\n',
  ],
  zsh: [
    "zsh -f -i",
    "unsetopt prompt_cr prompt_sp; PS1='READY''> '\n",
    'autoload -U compinit; compinit -u -D; eval "$(sv completion zsh)"; sv loaded\n',
  ],
} as const;

const terminal = missingPrograms("script") ?? await refused("script", "-qec", "true", "/dev/null");

for (const [shell, [start, prompt, load]] of Object.entries(STARTS)) {
  testNeeding(
    [missingPrograms(shell, "script"), terminal],
    `${shell} completes what is typed`,
    async () => {
      await using place = await surroundings();
      const child = new Deno.Command("script", {
        args: ["-qec", start, "/dev/null"],
        cwd: `${place.path}/empty`,
        env: place.env,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let shown = "";
      const reading = (async () => {
        for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) shown += text;
      })();
      const writer = child.stdin.getWriter();
      const type = (text: string) => writer.write(new TextEncoder().encode(text));
      // The shell asks for a line; it may then switch on what terminals do when text is pasted.
      const atPrompt = () => shown.replaceAll("\x1b[?2004h", "").endsWith("READY> ");
      const gets = async (typed: string, wanted: string) => {
        await Deno.remove(place.env.TYPED).catch(() => {});
        await type(typed);
        const read = () => Deno.readTextFile(place.env.TYPED).catch(() => undefined);
        const got = await until(read, `what sv gets of ${JSON.stringify(typed)}`);
        // Bash shows that a path is one of a directory.
        assertEquals(got.replace(/\/\]$/, "]"), wanted, `${typed}\n${shown}`);
        await until(atPrompt, `the prompt after ${JSON.stringify(typed)}`);
      };
      try {
        await type(prompt);
        await until(atPrompt, `the prompt of ${shell}`);
        await gets(load, "[loaded]");
        for (const [typed, wanted] of TYPED) {
          await gets(typed, wanted.replace("SVDIR", place.env.SVDIR));
        }
        await type("exit\n");
        await within(child.status, `the end of ${shell}`);
        await reading;
      } finally {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
        await writer.close().catch(() => {});
      }
    },
  );
}

testNeeding([missingPrograms("fish")], "fish completes what is typed", async () => {
  await using place = await surroundings();
  const completed = async (line: string) => {
    const command = `sv completion fish | source; complete -C ${quoted([line])}`;
    const { stdout, stderr } = await run(["fish", "--no-config", "-c", command], {
      cwd: `${place.path}/empty`,
      env: place.env,
    });
    assertEquals(stderr, "");
    return stdout.trimEnd().split("\n");
  };
  assertEquals(await completed("sv wai"), ["wait\twait until services are in a state"]);
  assertEquals((await completed("sv lint --els"))[0]?.split("\t")[0], "--elsewhere");
  assertEquals((await completed("sv status we"))[0]?.split("\t")[0], "web-front");
  assertEquals((await completed("sv status "))[1]?.split("\t")[0], "web-front");
  assertEquals((await completed("sv stat we"))[0]?.split("\t")[0], `${place.env.SVDIR}/web-front`);
});

Deno.test("sv completion refuses what it has no script for, and completes nothing for mistakes", async () => {
  const wrong = await run([...svCommand("completion"), "tcsh"]);
  assertEquals(wrong.code, 100);
  assertStringIncludes(wrong.stderr, "bash, zsh, fish");
  const none = await run([...svCommand("completion"), "--complete", "--", "nosuch", ""]);
  assertEquals([none.code, none.stdout, none.stderr], [0, "", ""]);
  const all = await run([...svCommand("completion"), "--complete", "--", ""]);
  assertMatch(all.stdout, /^lint\tfind what is wrong/m);
});

Deno.test("a scan directory that is not there has no services", async () => {
  const command = [...svCommand("completion"), "--complete", "--", "status", ""];
  const { code, stdout, stderr } = await run(command, { env: { SVDIR: "/nowhere/at/all" } });
  assertEquals([code, stdout, stderr], [0, "", ""]);
});

Deno.test("the services of sv rc are completed, bundles too, from the live directory that is named", async () => {
  await using services = await LiveServices.start({
    ...longrun("web"),
    "webs/type": "bundle\n",
    "webs/contents.d/web": "",
  });
  const words = ["rc", "start", "-l", services.live, "w"];
  const { code, stdout } = await run([...svCommand("completion"), "--complete", "--", ...words]);
  assertEquals([code, stdout], [0, "web\t\nwebs\t\n"]);
});
