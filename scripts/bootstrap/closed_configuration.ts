/**
 * Rewrites the `imports` of a configuration from JSR to one npm package that has the same modules:
 * `closed_configuration.ts FROM TO PACKAGE@VERSION`.
 *
 * @module
 */
const [from, to, npmPackage] = Deno.args;
if (from === undefined || to === undefined || npmPackage === undefined) {
  console.error("usage: closed_configuration.ts FROM TO PACKAGE@VERSION");
  Deno.exit(100);
}

const configuration = JSON.parse(await Deno.readTextFile(from));
for (const name of Object.keys(configuration.imports)) {
  const part = name.replace("@std/", "");
  configuration.imports[name] = `npm:${npmPackage}/${part}/mod.js`;
}

const temporary = `${to}.${Deno.pid}`;
await Deno.writeTextFile(temporary, JSON.stringify(configuration, null, 2) + "\n");
await Deno.rename(temporary, to);
