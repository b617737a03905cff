// @ts-self-types="./fs.d.ts"
export * from "../../.deno/std/fs/mod.js";
