// @ts-self-types="./cli.d.ts"
export * from "../../.deno/std/cli/parse_args.js";
