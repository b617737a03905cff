import type { ServerResponse } from "node:http";
import { JSON_VERSION } from "../json.ts";

/** Headers of each answer. */
const COMMON = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** Answers with a text. */
export function answer(
  response: ServerResponse,
  code: number,
  type: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const { length } = new TextEncoder().encode(text);
  response.writeHead(code, {
    ...COMMON,
    "content-type": type,
    "content-length": length,
    ...more,
  });
  // Text goes out with the headers in one write; bytes would in another.
  response.end(text);
}

/** Answers with plain text. */
export function answerText(response: ServerResponse, code: number, text: string): void {
  answer(response, code, "text/plain; charset=utf-8", text);
}

/** Returns an object with the version, as JSON. What is not Unicode is replaced. */
export function jsonText(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    { version: JSON_VERSION, ...fields },
    (_, value) => typeof value === "string" ? value.toWellFormed() : value,
  );
}

/** Answers with an object. */
export function answerJson(
  response: ServerResponse,
  code: number,
  fields: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): void {
  answer(response, code, "application/json", `${jsonText(fields)}\n`, more);
}

/** Answers why a request is refused. */
export function refuse(
  response: ServerResponse,
  code: number,
  why: string,
  more: Readonly<Record<string, string>> = {},
): void {
  answerJson(response, code, { error: why }, more);
}
