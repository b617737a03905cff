// @ts-self-types="./testing.d.ts"
export * from "../../.deno/std/testing/mock.js";
