/**
 * The C library, one function at a time, each bound when it is first used.
 *
 * There are two ways to bind. `Deno.dlopen` compiles machine code for each function, which takes about
 * 0.25 ms and makes calls very fast; a pointer from dlsym(3) takes 0.01 ms, and calls are slower by a
 * microsecond. Most commands call each function a few times and exit, so a function is bound by pointer
 * at first, and compiled once it has been called often.
 *
 * @module
 */

import { cString } from "./os_string.ts";
import { whyUnsupported } from "./platform.ts";
import { confirmed, isRepeatable } from "./runtime/confirmed.ts";

/**
 * The functions: what each takes, and after an arrow what it returns. `NAME:` comes first where C has another
 * name for it, and `NAME async:` where a thread of Deno's makes the call.
 *
 * Texts, of which a command parses those that it uses: objects would cost each command a third of a
 * millisecond at its start.
 *
 * Lengths are 32 bits wide here, not 64: numbers are cheaper than big integers, and no buffer is that long.
 */
const definitions = {
  __errno_location: "-> pointer",
  _exit: "i32 -> void",
  strerror: "i32 -> pointer",
  openat: "i32 buffer i32 u32 -> i32",
  close: "i32 -> i32",
  close_async: "close async: i32 -> i32",
  read: "i32 buffer u32 -> i32",
  write: "i32 buffer u32 -> i32",
  pread: "i32 buffer u32 i64 -> i32",
  pwrite: "i32 buffer u32 i64 -> i32",
  ftruncate: "i32 i64 -> i32",
  splice: "i32 pointer i32 pointer usize u32 -> isize",
  lseek: "i32 i64 i32 -> i64",
  fsync_async: "fsync async: i32 -> i32",
  renameat: "i32 buffer i32 buffer -> i32",
  renameat2: "i32 buffer i32 buffer u32 -> i32",
  linkat: "i32 buffer i32 buffer i32 -> i32",
  unlinkat: "i32 buffer i32 -> i32",
  mkdirat: "i32 buffer u32 -> i32",
  mkfifoat: "i32 buffer u32 -> i32",
  symlinkat: "buffer i32 buffer -> i32",
  readlinkat: "i32 buffer buffer usize -> isize",
  faccessat: "i32 buffer i32 i32 -> i32",
  fchmod: "i32 u32 -> i32",
  // Only for an open file under its name in /proc: by another path it may be some other file by then.
  chmod: "buffer u32 -> i32",
  fchownat: "i32 buffer u32 u32 i32 -> i32",
  fstatvfs: "i32 buffer -> i32",
  statx: "i32 buffer i32 u32 buffer -> i32",
  getdents64: "i32 buffer u32 -> i32",
  fcntl: "i32 i32 i64 -> i32",
  fcntlLock: "fcntl: i32 i32 buffer -> i32",
  fcntlLockAsync: "fcntl async: i32 i32 buffer -> i32",
  memchr: "buffer i32 u32 -> pointer",
  dup2: "i32 i32 -> i32",
  pipe2: "buffer i32 -> i32",
  ioctl: "i32 u64 buffer -> i32",
  umask: "u32 -> u32",
  chdir: "buffer -> i32",
  kill: "i32 i32 -> i32",
  killpg: "i32 i32 -> i32",
  getpid: "-> i32",
  getuid: "-> u32",
  geteuid: "-> u32",
  getegid: "-> u32",
  getsid: "i32 -> i32",
  setsid: "-> i32",
  setpgid: "i32 i32 -> i32",
  tcsetpgrp: "i32 i32 -> i32",
  getpagesize: "-> i32",
  getgrgid: "u32 -> pointer",
  getpwuid: "u32 -> pointer",
  getpwnam_r: "buffer buffer buffer usize buffer -> i32",
  getgrnam_r: "buffer buffer buffer usize buffer -> i32",
  getgrouplist: "buffer u32 buffer buffer -> i32",
  prctl: "i32 u64 u64 u64 u64 -> i32",
  syscall: "i64 i64 i64 i64 i64 i64 -> i64",
  syscall_buffer: "syscall: i64 i64 buffer -> i64",
  syscall_async: "syscall async: i64 i64 i64 i64 i64 i64 -> i64",
  waitid: "i32 u32 buffer i32 -> i32",
  getpriority: "i32 u32 -> i32",
  setpriority: "i32 u32 i32 -> i32",
  prlimit64: "i32 i32 buffer buffer -> i32",
  unshare: "i32 -> i32",
  setns: "i32 i32 -> i32",
  inotify_init1: "i32 -> i32",
  inotify_add_watch: "i32 buffer u32 -> i32",
  epoll_create1: "i32 -> i32",
  epoll_ctl: "i32 i32 i32 buffer -> i32",
  epoll_wait: "i32 buffer i32 i32 -> i32",
  epoll_wait_async: "epoll_wait async: i32 buffer i32 i32 -> i32",
  eventfd: "u32 i32 -> i32",
  signalfd: "i32 buffer i32 -> i32",
  timerfd_create: "i32 i32 -> i32",
  timerfd_settime: "i32 i32 buffer pointer -> i32",
  clock_gettime: "i32 buffer -> i32",
  localtime_r: "buffer buffer -> pointer",
  gmtime_r: "buffer buffer -> pointer",
  mktime: "buffer -> i64",
  poll: "buffer u64 i32 -> i32",
  setenv: "buffer buffer i32 -> i32",
  unsetenv: "buffer -> i32",
  socket: "i32 i32 i32 -> i32",
  bind: "i32 buffer u32 -> i32",
  connect: "i32 buffer u32 -> i32",
  getsockopt: "i32 i32 i32 buffer buffer -> i32",
  getaddrinfo: "buffer buffer buffer buffer -> i32",
  getaddrinfo_async: "getaddrinfo async: buffer buffer buffer buffer -> i32",
  freeaddrinfo: "pointer -> void",
  gai_strerror: "i32 -> pointer",
  getpeername: "i32 buffer buffer -> i32",
  getsockname: "i32 buffer buffer -> i32",
  setsockopt: "i32 i32 i32 buffer u32 -> i32",
  send: "i32 buffer usize i32 -> isize",
  recvmsg: "i32 buffer i32 -> isize",
  sendmsg: "i32 buffer i32 -> isize",
  execve: "buffer buffer usize -> i32",
  signal: "i32 usize -> usize",
  sigaction: "i32 buffer buffer -> i32",
  sigprocmask: "i32 buffer buffer -> i32",
  posix_spawn: "buffer buffer buffer buffer buffer usize -> i32",
  posix_spawn_async: "posix_spawn async: buffer buffer buffer buffer buffer usize -> i32",
  posix_spawnattr_init: "buffer -> i32",
  posix_spawnattr_setflags: "buffer i16 -> i32",
  posix_spawnattr_setsigmask: "buffer buffer -> i32",
  posix_spawnattr_setsigdefault: "buffer buffer -> i32",
  posix_spawn_file_actions_init: "buffer -> i32",
  posix_spawn_file_actions_adddup2: "buffer i32 i32 -> i32",
  posix_spawn_file_actions_addfchdir_np: "buffer i32 -> i32",
  posix_spawn_file_actions_addchdir_np: "buffer buffer -> i32",
  posix_spawn_file_actions_addopen: "buffer i32 buffer i32 u32 -> i32",
  posix_spawn_file_actions_destroy: "buffer -> i32",
  regcomp: "buffer buffer i32 -> i32",
  regexec: "buffer buffer usize pointer i32 -> i32",
  regerror: "i32 buffer buffer usize -> usize",
  regfree: "buffer -> void",
  pthread_create: "buffer pointer pointer pointer -> i32",
  pthread_join: "u64 pointer -> i32",
} as const;

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}`
  ? [First, ...Words<Rest>]
  : [Text];

type Signature<Text extends string> = Text extends `-> ${infer Result}`
  ? { parameters: []; result: Result }
  : Text extends `${infer Parameters} -> ${infer Result}`
    ? { parameters: Words<Parameters>; result: Result }
  : never;

/** What a text in `definitions` means. */
type Parsed<Text extends string> = Text extends `${string} async: ${infer Rest}`
  ? Signature<Rest> & { nonblocking: true }
  : Text extends `${string}: ${infer Rest}` ? Signature<Rest>
  : Signature<Text>;

type Definitions = { [Name in keyof typeof definitions]: Parsed<typeof definitions[Name]> };

/** The C library: a function for each definition. */
type Libc = Deno.DynamicLibrary<Definitions>["symbols"];

/** Returns the definition of a function, with its name in C. */
function definitionOf(name: keyof Libc): Deno.ForeignFunction {
  const text = definitions[name];
  const colon = text.indexOf(":");
  const arrow = text.indexOf("->");
  const [symbol, ...words] = colon < 0 ? [name] : text.slice(0, colon).split(" ");
  const parameters = text.slice(colon < 0 ? 0 : colon + 2, arrow).split(" ").slice(0, -1);
  return {
    name: symbol!,
    parameters: parameters as Deno.NativeType[],
    result: text.slice(arrow + 3) as Deno.NativeResultType,
    nonblocking: words.length > 0,
  };
}

/** After this many calls of a function it is worth 0.25 ms to compile a call for it. */
let often = 100;

/** Has each function compiled at its next call: for a program that is about to make thousands of calls. */
export function expectManyCalls(): void {
  often = 1;
}

/** Compiles calls of functions. */
function open<Functions extends Deno.ForeignLibraryInterface>(
  functions: Functions,
): Deno.DynamicLibrary<Functions>["symbols"] {
  const reason = whyUnsupported(Deno.build);
  if (reason !== undefined) throw new Error(`Cannot call the C library: ${reason}`);
  return Deno.dlopen("libc.so.6", functions).symbols;
}

function compile<Name extends keyof Libc>(name: Name): Libc[Name] {
  return open({ [name]: definitionOf(name) })[name] as unknown as Libc[Name];
}

function keep<Name extends keyof Libc>(name: Name, value: Libc[Name]): Libc[Name] {
  Object.defineProperty(libc, name, { value, configurable: true, enumerable: true });
  return value;
}

/**
 * Compiles the calls of a function now, which takes 0.25 ms: such a call asks V8 for no memory, and
 * doesn't fail where there is none.
 */
export function compileNow<Name extends keyof Libc>(name: Name): Libc[Name] {
  // errno is read after a single call: its address has to be known before.
  errnoNow();
  return keep(name, compile(name));
}

type AnyFunction = (...args: unknown[]) => unknown;

/** dlsym(3). The structure, which it ignores, keeps Deno from compiling a call: Deno compiles none with such. */
const DLSYM = {
  dlsym: { parameters: ["pointer", "buffer", { struct: ["u8"] }], result: "pointer" },
} as const;
let symbols: Deno.DynamicLibrary<typeof DLSYM>["symbols"] | undefined;

/** Returns the address of a symbol of the C library; null where it has none of that name. */
export function addressOf(name: string): Deno.PointerValue {
  return (symbols ??= open(DLSYM)).dlsym(null, cString(name), new Uint8Array(1));
}

/** Returns the address of a function; null where the C library (before 2.34) has no dlsym, too. */
function addressIfKnown(name: string): Deno.PointerValue {
  try {
    return addressOf(name);
  } catch {
    return null;
  }
}

/** The errno of the main thread, which makes all calls but the non-blocking ones. */
let errno: Int32Array | undefined;

/**
 * Returns the errno that the last failed call has left.
 *
 * It is read from memory: a call could change it. To look its address up changes it, too: before that, no
 * failed call counts (see `failed`).
 */
export function errnoNow(): number {
  errno ??= new Int32Array(Deno.UnsafePointerView.getArrayBuffer(libc.__errno_location()!, 4));
  return errno[0]!;
}

/**
 * Binds a function by pointer, to be compiled later; compiled at once where the C library (before 2.34)
 * has no dlsym, and where the errno of a single call must be right.
 */
function bind(name: keyof Libc): unknown {
  const definition = definitionOf(name);
  if (definition.nonblocking) return compile(name);
  // Called once, and before another function is compiled.
  const isAddress = name === "__errno_location";
  if (name === "connect" || (often === 1 && !isAddress)) return compileNow(name);
  // Where a signal interrupts the first call that fails, its time is not to be waited for again.
  if (name === "poll" || name === "epoll_wait") errnoNow();
  const pointer = addressIfKnown(definition.name ?? name);
  if (pointer === null) return isAddress ? compile(name) : compileNow(name);
  const pointed = new Deno.UnsafeFnPointer(
    pointer as Deno.PointerObject<Deno.ForeignFunction>,
    definition,
  ) as unknown as { call: AnyFunction };
  let calls = isAddress ? -Infinity : 0;
  return (...args: unknown[]) => {
    if (++calls >= often) {
      calls = -Infinity;
      compileNow(name);
    }
    const result = pointed.call(...args);
    return result === -1 || result === -1n
      ? failed(name, result, () => pointed.call(...args))
      : result;
  };
}

/** Makes sure of the errno of a call that has failed: see confirmed.ts. */
function failed(name: keyof Libc, result: unknown, call: () => unknown): unknown {
  if (!isRepeatable(name)) return result;
  let counts = errno !== undefined;
  errnoNow();
  return confirmed(() => {
    if (!counts) return call();
    counts = false;
    return result;
  }, errnoNow);
}

/** The functions of the C library, each bound when first read. Their results are raw: -1 and errno. */
export const libc: Libc = Object.create(
  // A function that is bound is a property of the object itself; only others get here.
  new Proxy({}, { get: (_, name) => keep(name as keyof Libc, bind(name as keyof Libc) as never) }),
);
