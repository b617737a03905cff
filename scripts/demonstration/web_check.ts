/**
 * Exits 0 when the web server answers.
 *
 * @module
 */

const [port] = Deno.args;
const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
await answer?.body?.cancel();
Deno.exit(answer?.ok ? 0 : 1);
