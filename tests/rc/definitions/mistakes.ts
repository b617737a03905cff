import { ensureDir } from "@std/fs/ensure-dir";
import { dirname, join } from "@std/path";

const DIRECTORY = { directory: true } as const;
/** An entry of a source directory: the text of a file, a link, or a directory. */
type Given = string | { readonly link: string } | typeof DIRECTORY;

const longrun = (name: string): Record<string, Given> => ({
  [`${name}/type`]: "longrun\n",
  [`${name}/run`]: "#!/bin/sh\n",
});
const oneshot = (name: string): Record<string, Given> => ({
  [`${name}/type`]: "oneshot\n",
  [`${name}/up`]: "true\n",
});
const bundle = (name: string, contents: string): Record<string, Given> => ({
  [`${name}/type`]: "bundle\n",
  [`${name}/contents`]: contents,
});

/** Source directories: what is in them, and whether s6-rc-compile 0.7.0.0 refuses them. */
const CASES: readonly (readonly [what: string, refused: boolean, Record<string, Given>])[] = [
  ["a longrun", false, longrun("a")],
  ["a oneshot", false, oneshot("o")],
  ["an empty bundle", false, bundle("b", "")],

  // Names.
  ["a directory with a reserved name", true, longrun("s6rc-a")],
  ["a file with a reserved name", true, { ...longrun("a"), "s6-rc-notes": "" }],
  ["a file with a newline in its name", true, { ...longrun("a"), "new\nline": "" }],
  ["a dangling link", true, { ...longrun("a"), "b": { link: "nowhere" } }],
  ["hidden entries", false, { ...longrun("a"), ".s6rc-x/type": "x", ".y": { link: "nowhere" } }],
  ["a name of 255 bytes", false, longrun("n".repeat(255))],

  // type
  ["no type", true, { "a/run": "#!/bin/sh\n" }],
  ["type is a directory", true, { "a/type": DIRECTORY }],
  ["an empty type", true, { "a/type": "" }],
  ["type without a newline", false, { ...longrun("a"), "a/type": "longrun" }],
  ["type longrun with an empty line", false, { ...longrun("a"), "a/type": "longrun\n\n" }],
  ["type longrun with a second line", false, { ...longrun("a"), "a/type": "longrun\nx\n" }],
  ["type oneshot with an empty line", false, { ...oneshot("a"), "a/type": "oneshot\n\n" }],
  ["type bundle with an empty line", true, { ...bundle("a", ""), "a/type": "bundle\n\n" }],
  ["type with a carriage return", true, { ...longrun("a"), "a/type": "longrun\r\n" }],
  ["type with a space", true, { ...longrun("a"), "a/type": " longrun\n" }],

  // Programs and directories of a longrun.
  ["no run", true, { "a/type": "longrun\n" }],
  ["run is a directory", true, { "a/type": "longrun\n", "a/run": DIRECTORY }],
  ["finish is a directory", true, { ...longrun("a"), "a/finish": DIRECTORY }],
  ["finish is a dangling link", false, { ...longrun("a"), "a/finish": { link: "nowhere" } }],
  ["data is a file", true, { ...longrun("a"), "a/data": "" }],
  ["env is a file", true, { ...longrun("a"), "a/env": "" }],
  ["template is a file", true, { ...longrun("a"), "a/template": "" }],
  ["data is a loop of links", true, { ...longrun("a"), "a/data": { link: "data" } }],
  ["data is a dangling link", false, { ...longrun("a"), "a/data": { link: "nowhere" } }],
  ["data leads to a directory", false, {
    ...longrun("a"),
    "a/data": { link: "../.d" },
    ".d": DIRECTORY,
  }],
  ["directories of a oneshot are files", false, { ...oneshot("o"), "o/data": "", "o/env": "" }],
  ["down-signal is a directory", false, { ...longrun("a"), "a/down-signal": DIRECTORY }],
  ["flag-newpidns is a directory", false, { ...longrun("a"), "a/flag-newpidns": DIRECTORY }],

  // Numbers.
  ["a timeout with empty lines", false, { ...longrun("a"), "a/timeout-up": "5\n\n\n" }],
  ["a timeout with another line", true, { ...longrun("a"), "a/timeout-up": "5\nfoo\n" }],
  ["an empty timeout", true, { ...longrun("a"), "a/timeout-down": "" }],
  ["a timeout that is too large", true, { ...longrun("a"), "a/timeout-up": "4294967296" }],
  ["the largest timeout", false, { ...longrun("a"), "a/timeout-up": "4294967295" }],
  ["a timeout with a sign", true, { ...oneshot("o"), "o/timeout-up": "+5" }],
  ["a timeout that is a directory", true, { ...oneshot("o"), "o/timeout-up": DIRECTORY }],
  ["a number with empty lines", false, { ...longrun("a"), "a/timeout-kill": "5\n\n" }],
  ["a number with another line", false, { ...longrun("a"), "a/timeout-finish": "5\nfoo\n" }],
  ["a number after an empty line", true, { ...longrun("a"), "a/max-death-tally": "\n5\n" }],
  ["a number with a space", true, { ...longrun("a"), "a/notification-fd": "3 \n" }],
  ["a number in another base", true, { ...longrun("a"), "a/lock-fd": "0x3" }],
  ["one descriptor for two things", true, {
    ...longrun("a"),
    "a/notification-fd": "3",
    "a/lock-fd": "3\n\n",
  }],
  ["numbers of a oneshot", false, { ...oneshot("o"), "o/notification-fd": "x" }],

  // Scripts.
  ["no up", true, { "o/type": "oneshot\n" }],
  ["up is a directory", true, { "o/type": "oneshot\n", "o/up": DIRECTORY }],
  ["up has an open block", true, { ...oneshot("o"), "o/up": "if { true } if { true\n" }],
  ["down has a closed block", true, { ...oneshot("o"), "o/down": "true }\n" }],
  ["reload has an open quote", true, { ...oneshot("o"), "o/reload": 'echo "x\n' }],
  ["up ends after a brace", true, { ...oneshot("o"), "o/up": "if {" }],
  ["up ends after a backslash", true, { ...oneshot("o"), "o/up": "echo a\\" }],
  ["up has a number above 255", true, { ...oneshot("o"), "o/up": 'echo "\\300"' }],
  ["up has the number 0", true, { ...oneshot("o"), "o/up": 'echo "\\0x00"' }],
  ["up has braces in quotes", false, { ...oneshot("o"), "o/up": 'echo "{" }x \\{' }],
  ["up is all comment", false, { ...oneshot("o"), "o/up": '# { "\n' }],
  ["up has nested blocks", false, { ...oneshot("o"), "o/up": "if { if { a } b }\nc" }],
  ["up is no script of a longrun", false, { ...longrun("a"), "a/up": "}" }],

  // Lists of names.
  ["a dependency that nobody defines", true, { ...longrun("a"), "a/dependencies.d/b": "" }],
  ["a dependency with a space", true, {
    ...longrun("a"),
    ...longrun("b"),
    "a/dependencies": "b \n",
  }],
  ["names with white space before", false, {
    ...longrun("a"),
    ...longrun("b"),
    "a/dependencies": "# x\n\n \tb\nb\n\n",
  }],
  ["a reserved dependency", true, { ...longrun("a"), "a/dependencies": "s6rc-oneshot-runner\n" }],
  ["dependencies.d is a file", true, { ...longrun("a"), "a/dependencies.d": "" }],
  ["dependencies is a directory", true, { ...longrun("a"), "a/dependencies": DIRECTORY }],
  ["dependencies.d before dependencies", false, {
    ...longrun("a"),
    "a/dependencies": "nobody",
    "a/dependencies.d": DIRECTORY,
  }],
  ["a dependency on itself", true, { ...longrun("a"), "a/dependencies.d/a": "" }],
  ["a bundle without contents", true, { "b/type": "bundle\n" }],
  ["a bundle of itself", true, bundle("b", "b\n")],
  ["a bundle of what nobody defines", true, bundle("b", "x")],
  ["a cycle through a bundle", true, {
    ...longrun("a"),
    ...bundle("b", "a"),
    "a/dependencies.d/b": "",
  }],

  // Pipelines.
  ["a pipeline", false, {
    ...longrun("a"),
    ...longrun("b"),
    "a/producer-for": "b\n\n",
    "b/consumer-for": "a\n\n",
    "b/pipeline-name": "p\n\n",
  }],
  ["a producer of two", true, { ...longrun("a"), ...longrun("b"), "a/producer-for": "b\na\n" }],
  ["an empty producer-for", true, { ...longrun("a"), "a/producer-for": "\n" }],
  ["an empty consumer-for", false, { ...longrun("a"), "a/consumer-for": "\n" }],
  ["one side of a pipeline", true, { ...longrun("a"), ...longrun("b"), "b/consumer-for": "a" }],
  ["a pipeline of itself", true, {
    ...longrun("a"),
    "a/producer-for": "a",
    "a/consumer-for": "a",
  }],
  ["a pipeline with a oneshot", true, {
    ...longrun("a"),
    ...oneshot("o"),
    "a/producer-for": "o",
  }],
  ["a pipeline's name in the middle", false, {
    ...longrun("a"),
    ...longrun("b"),
    "a/producer-for": "b",
    "b/consumer-for": "a",
    "a/pipeline-name": "s6rc-ignored\nx",
  }],
  ["a pipeline's name that is taken", true, {
    ...longrun("a"),
    ...longrun("b"),
    "a/producer-for": "b",
    "b/consumer-for": "a",
    "b/pipeline-name": "a",
  }],
];

/** Source directories, right and wrong. */
export const cases = CASES.map(([what, refused, entries]) => ({ what, refused, entries }));

/** Makes the entries of a source directory. */
export async function makeSource(
  path: string,
  entries: Readonly<Record<string, Given>>,
): Promise<void> {
  await ensureDir(path);
  for (const [name, entry] of Object.entries(entries)) {
    const at = join(path, name);
    await ensureDir(dirname(at));
    if (typeof entry === "string") await Deno.writeTextFile(at, entry);
    else if ("link" in entry) await Deno.symlink(entry.link, at);
    else await ensureDir(at);
  }
}

/** What `sv rc check` refuses, though s6-rc-compile does not: `sv rc init` could not use it. */
export const STRICTER: readonly string[] = ["a name of 255 bytes"];
