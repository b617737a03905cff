/**
 * Strings as the kernel has them: bytes of any encoding, without NUL.
 *
 * A path or an argument need not be UTF-8. Bytes that are not UTF-8 become lone surrogates
 * U+DC80..U+DCFF, so that every name is the same again after its way through a JavaScript string.
 *
 * @module
 */

// Made when first needed: the runtime loads their code then, and most paths and arguments are ASCII.
let strictDecoder: TextDecoder | undefined;
let encoder: TextEncoder | undefined;

/** Longer text is decoded and encoded by the runtime. */
const SHORT = 16_384;

/** Returns the text, if it is short and ASCII. */
function decodeAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT) return undefined;
  // Not a loop over the bytes: the runtime would start to compile that.
  const text = String.fromCharCode.apply(null, bytes as unknown as number[]);
  return /[^\0-\x7f]/.test(text) ? undefined : text;
}

/** After so many texts the encoder has paid for its code: it is faster than a loop over the characters. */
const MANY = 64;
let encoded = 0;

/** Returns the bytes, and so many zero bytes behind them, if the text is short and ASCII. */
function encodeAscii(text: string, zeros = 0): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  if (length > SHORT) return undefined;
  const bytes = new Uint8Array(length + zeros);
  if (++encoded > MANY) {
    const { read, written } = (encoder ??= new TextEncoder()).encodeInto(text, bytes);
    return read === length && written === length ? bytes : undefined;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return undefined;
    bytes[at] = code;
  }
  return bytes;
}

/** Decodes UTF-8, and throws where the bytes are not UTF-8. */
function decodeStrictly(bytes: Uint8Array): string {
  strictDecoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return strictDecoder.decode(bytes);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return (encoder ??= new TextEncoder()).encode(text);
}

/** Returns the length of the valid UTF-8 sequence at `at`; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80
    ? 1
    : lead < 0xc2
    ? 0
    : lead < 0xe0
    ? 2
    : lead < 0xf0
    ? 3
    : lead < 0xf5
    ? 4
    : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    decodeStrictly(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

/** Turns bytes from the kernel into a string that {@linkcode encodeOs} turns back exactly. */
export function decodeOs(bytes: Uint8Array): string {
  const ascii = decodeAscii(bytes);
  if (ascii !== undefined) return ascii;
  try {
    return decodeStrictly(bytes);
  } catch {
    let text = "";
    for (let at = 0; at < bytes.length;) {
      const length = sequenceLength(bytes, at);
      if (length === 0) text += String.fromCharCode(0xdc00 + bytes[at++]!);
      else {
        text += decodeStrictly(bytes.subarray(at, at + length));
        at += length;
      }
    }
    return text;
  }
}

/** Turns a string as C has it, with its NUL, into one that {@linkcode cString} turns back exactly. */
export function decodeCString(bytes: CPath): string {
  // To leave the NUL out before would take a view of the bytes more.
  return decodeOs(bytes).slice(0, -1);
}

/** Turns a string made by {@linkcode decodeOs} (or any other) into bytes. */
export function encodeOs(text: string): Uint8Array<ArrayBuffer> {
  const ascii = encodeAscii(text);
  if (ascii !== undefined) return ascii;
  if (text.isWellFormed()) return encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...encode(character));
  }
  return new Uint8Array(bytes);
}

/** Returns a string as C has it: its bytes and a NUL. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(text)} as a path or an argument: it holds a NUL`,
    );
  }
  const ascii = encodeAscii(text, 1);
  if (ascii !== undefined) return ascii;
  const bytes = encodeOs(text);
  const terminated = new Uint8Array(bytes.length + 1);
  terminated.set(bytes);
  return terminated;
}

/** Strings as C passes them: an array of pointers, ended by a null pointer. Keep it while C uses them. */
export class CStrings {
  readonly #strings: Uint8Array<ArrayBuffer>[];
  /** The pointers, as bytes. */
  readonly pointers: Uint8Array<ArrayBuffer>;

  constructor(strings: readonly string[]) {
    this.#strings = strings.map(cString);
    const pointers = new BigUint64Array(strings.length + 1);
    for (let index = 0; index < strings.length; index++) {
      pointers[index] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#strings[index]!));
    }
    this.pointers = new Uint8Array(pointers.buffer);
  }
}

/** A path as the C library takes it: made once where it is used often. */
export type CPath = Uint8Array<ArrayBuffer>;

/** Returns a path as the C library takes it. */
export function asCPath(path: string | CPath): CPath {
  return typeof path === "string" ? cString(path) : path;
}

/** Returns a path as a message names it. */
export function pathName(path: string | CPath): string {
  return typeof path === "string" ? path : decodeCString(path);
}
