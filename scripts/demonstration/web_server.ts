/**
 * A web server that takes a second to start, and can't tell that it is ready.
 *
 * @module
 */

const [port] = Deno.args;
await new Promise((resolve) => setTimeout(resolve, 1000));
Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen() {} },
  () => new Response("hello\n"),
);
