/**
 * The C library, one function at a time, each bound when it is first used.
 *
 * There are two ways to bind. `Deno.dlopen` compiles machine code for each function, which takes about
 * 0.25 ms, and halves the time of a call, half a microsecond; but none for a function that gets a structure.
 * Most commands call each function a few times and exit, so a function is bound with one more parameter at
 * first, a structure, which it does not look for, and compiled once it has been called often, if errno can be
 * trusted (see `trustErrno`).
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
  malloc: "u32 -> pointer",
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

/** After this many calls a compiled function has paid for its compilation. */
const OFTEN = 1000;

/** Binds functions. */
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
  // errno is read after the call: its address has to be known before.
  lastErrno();
  return keep(name, compile(name));
}

type AnyFunction = (...args: unknown[]) => unknown;

/** What no function of C takes, and none notices: Deno compiles no call of a function that gets a structure. */
const UNCOMPILED = { struct: ["u8"] } as const;
const NOTHING = new Uint8Array(1);

/** dlsym(3). */
const DLSYM = {
  dlsym: { parameters: ["pointer", "buffer", UNCOMPILED], result: "pointer" },
} as const;
let symbols: Deno.DynamicLibrary<typeof DLSYM>["symbols"] | undefined;

/** Returns the address of a symbol of the C library; null where it has none of that name. */
export function addressOf(name: string): Deno.PointerValue {
  return (symbols ??= open(DLSYM)).dlsym(null, cString(name), NOTHING);
}

/** The errno of the main thread, which makes all calls but the non-blocking ones. */
let errno: Int32Array | undefined;

/**
 * Returns the errno of the call that has just failed. Call it before any other call.
 *
 * It is read from memory: a call could change it. To look its address up changes it, too, so that is done
 * before another function is bound.
 */
export function lastErrno(): number {
  errno ??= new Int32Array(Deno.UnsafePointerView.getArrayBuffer(libc.__errno_location()!, 4));
  return errno[0]!;
}

/** The results for which Deno makes a big integer. */
const LONG: readonly Deno.NativeResultType[] = ["i64", "u64", "isize", "usize"];

/**
 * Whether the runtime may have threads that it waits for behind a call. Then no function is compiled either: what is
 * called from code that V8 has not optimized yet has its errno made sure of.
 */
let mayWait = true;

/**
 * Takes errno for what the last call has left, unless Deno made a big integer of its result: for a runtime that was
 * started with `--single-threaded`. To be called first.
 */
export function trustErrno(): void {
  // A runtime that only interprets, and has no WebAssembly therefore, gets no other option; and it calls what is
  // compiled as it calls all else.
  mayWait = typeof WebAssembly === "undefined";
}

/** Returns the result of a function whose errno is to be made sure of; NaN, which none is: that of no result. */
function doubtful(name: string, result: Deno.NativeResultType): number | bigint {
  if (!isRepeatable(name)) return NaN;
  if (LONG.includes(result)) return -1n;
  return mayWait ? -1 : NaN;
}

/** Binds a function, to be compiled later. */
function bind(name: keyof Libc): unknown {
  const definition = definitionOf(name);
  if (definition.nonblocking) return compile(name);
  // Its errno must be right, and it can't be made twice.
  if (name === "connect") return compileNow(name);
  if (name !== "__errno_location") lastErrno();
  const { parameters, result } = definition;
  const bound = open({ [name]: { ...definition, parameters: [...parameters, UNCOMPILED] } });
  const call = bound[name] as unknown as AnyFunction;
  return counted(name, call, parameters.length, doubtful(name, result));
}

/**
 * Returns a function of so many parameters that calls another one, makes sure of the errno where that returns
 * `failed`, and compiles it when it was called often, if errno can be trusted.
 */
function counted(
  name: keyof Libc,
  call: AnyFunction,
  parameters: number,
  failed: number | bigint,
): AnyFunction {
  let calls = 0;
  const count = () => {
    if (++calls === OFTEN && !mayWait) compileNow(name);
  };
  // errno is read before anything else is done.
  const sure = (reason: number, again: () => unknown) =>
    confirmed(reason, again, lastErrno, failed);
  // One for each number of parameters: to pass a list of them on takes as long as the call.
  const functions: AnyFunction[] = [
    () => {
      count();
      const result = call(NOTHING);
      return result === failed ? sure(lastErrno(), () => call(NOTHING)) : result;
    },
    (a) => {
      count();
      const result = call(a, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, NOTHING)) : result;
    },
    (a, b) => {
      count();
      const result = call(a, b, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, b, NOTHING)) : result;
    },
    (a, b, c) => {
      count();
      const result = call(a, b, c, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, b, c, NOTHING)) : result;
    },
    (a, b, c, d) => {
      count();
      const result = call(a, b, c, d, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, b, c, d, NOTHING)) : result;
    },
    (a, b, c, d, e) => {
      count();
      const result = call(a, b, c, d, e, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, b, c, d, e, NOTHING)) : result;
    },
    (a, b, c, d, e, f) => {
      count();
      const result = call(a, b, c, d, e, f, NOTHING);
      return result === failed ? sure(lastErrno(), () => call(a, b, c, d, e, f, NOTHING)) : result;
    },
  ];
  return functions[parameters]!;
}

/** The functions of the C library, each bound when first read. Their results are raw: -1 and errno. */
export const libc: Libc = Object.create(
  // A function that is bound is a property of the object itself; only others get here.
  new Proxy({}, { get: (_, name) => keep(name as keyof Libc, bind(name as keyof Libc) as never) }),
);
