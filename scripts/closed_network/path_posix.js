// @ts-self-types="./path_posix.d.ts"
export * from "../../.deno/std/path/posix/mod.js";
