/**
 * Makes Deno say that it runs on another platform, for `--preload`: SV_TEST_PLATFORM has its operating
 * system, processor and C library. Opening a library ends the program, as it could on that platform.
 *
 * @module
 */

const [os, arch, env] = Deno.env.get("SV_TEST_PLATFORM")!.split(" ");
Object.defineProperty(Deno, "build", { value: { ...Deno.build, os, arch, env } });
Object.defineProperty(Deno, "dlopen", {
  value: () => {
    console.error("a library was opened");
    Deno.exit(42);
  },
});
