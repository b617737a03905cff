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

import { whyUnsupported } from "./platform.ts";
import { confirmed, isRepeatable } from "./runtime/confirmed.ts";

// Lengths are 32 bits wide here, not 64: numbers are cheaper than big integers, and no buffer is that long.
const definitions = {
  __errno_location: { parameters: [], result: "pointer" },
  _exit: { parameters: ["i32"], result: "void" },
  strerror: { parameters: ["i32"], result: "pointer" },
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  close_async: { name: "close", parameters: ["i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "u32", "i64"], result: "i32" },
  pwrite: { parameters: ["i32", "buffer", "u32", "i64"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  splice: { parameters: ["i32", "pointer", "i32", "pointer", "usize", "u32"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  fsync_async: { name: "fsync", parameters: ["i32"], result: "i32", nonblocking: true },
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" },
  renameat2: { parameters: ["i32", "buffer", "i32", "buffer", "u32"], result: "i32" },
  linkat: { parameters: ["i32", "buffer", "i32", "buffer", "i32"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  mkfifoat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  symlinkat: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "isize" },
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  // Only for an open file under its name in /proc: by another path it may be some other file by then.
  chmod: { parameters: ["buffer", "u32"], result: "i32" },
  fchownat: { parameters: ["i32", "buffer", "u32", "u32", "i32"], result: "i32" },
  fstatvfs: { parameters: ["i32", "buffer"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  getdents64: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  fcntlLock: { name: "fcntl", parameters: ["i32", "i32", "buffer"], result: "i32" },
  fcntlLockAsync: {
    name: "fcntl",
    parameters: ["i32", "i32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  memchr: { parameters: ["buffer", "i32", "u32"], result: "pointer" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  umask: { parameters: ["u32"], result: "u32" },
  chdir: { parameters: ["buffer"], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  killpg: { parameters: ["i32", "i32"], result: "i32" },
  getpid: { parameters: [], result: "i32" },
  getuid: { parameters: [], result: "u32" },
  geteuid: { parameters: [], result: "u32" },
  getegid: { parameters: [], result: "u32" },
  getsid: { parameters: ["i32"], result: "i32" },
  setsid: { parameters: [], result: "i32" },
  setpgid: { parameters: ["i32", "i32"], result: "i32" },
  tcsetpgrp: { parameters: ["i32", "i32"], result: "i32" },
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  getpagesize: { parameters: [], result: "i32" },
  getgrgid: { parameters: ["u32"], result: "pointer" },
  getpwuid: { parameters: ["u32"], result: "pointer" },
  getpwnam_r: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  getgrnam_r: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  getgrouplist: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", "i64"], result: "i64" },
  syscall_async: {
    name: "syscall",
    parameters: ["i64", "i64", "i64", "i64", "i64", "i64"],
    result: "i64",
    nonblocking: true,
  },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  getpriority: { parameters: ["i32", "u32"], result: "i32" },
  setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  prlimit64: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },
  unshare: { parameters: ["i32"], result: "i32" },
  setns: { parameters: ["i32", "i32"], result: "i32" },
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  epoll_wait_async: {
    name: "epoll_wait",
    parameters: ["i32", "buffer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  signalfd: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  timerfd_create: { parameters: ["i32", "i32"], result: "i32" },
  timerfd_settime: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  localtime_r: { parameters: ["buffer", "buffer"], result: "pointer" },
  gmtime_r: { parameters: ["buffer", "buffer"], result: "pointer" },
  mktime: { parameters: ["buffer"], result: "i64" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  unsetenv: { parameters: ["buffer"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getaddrinfo: { parameters: ["buffer", "buffer", "buffer", "buffer"], result: "i32" },
  getaddrinfo_async: {
    name: "getaddrinfo",
    parameters: ["buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  freeaddrinfo: { parameters: ["pointer"], result: "void" },
  gai_strerror: { parameters: ["i32"], result: "pointer" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  execve: { parameters: ["buffer", "buffer", "pointer"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sigprocmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  posix_spawn: {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"],
    result: "i32",
  },
  posix_spawn_async: {
    name: "posix_spawn",
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"],
    result: "i32",
    nonblocking: true,
  },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_addfchdir_np: { parameters: ["buffer", "i32"], result: "i32" },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_addopen: {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  regcomp: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  regexec: { parameters: ["buffer", "buffer", "usize", "pointer", "i32"], result: "i32" },
  regerror: { parameters: ["i32", "buffer", "buffer", "usize"], result: "usize" },
  regfree: { parameters: ["buffer"], result: "void" },
  pthread_create: { parameters: ["buffer", "pointer", "pointer", "pointer"], result: "i32" },
  pthread_join: { parameters: ["u64", "pointer"], result: "i32" },
  // The structure, which dlsym(3) ignores, keeps the runtime from compiling a call: it compiles none that
  // pass structures by value.
  dlsym: { parameters: ["pointer", "buffer", { struct: ["u8"] }], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

type Libc = Deno.DynamicLibrary<typeof definitions>["symbols"];

/** After this many calls of a function it is worth 0.25 ms to compile a call for it. */
const OFTEN = 100;

function compile<Name extends keyof Libc>(name: Name): Libc[Name] {
  const reason = whyUnsupported(Deno.build);
  if (reason !== undefined) throw new Error(`Cannot call the C library: ${reason}`);
  const library = Deno.dlopen("libc.so.6", { [name]: definitions[name] });
  return (library.symbols as unknown as Libc)[name];
}

function keep<Name extends keyof Libc>(name: Name, value: Libc[Name]): Libc[Name] {
  Object.defineProperty(libc, name, { value, configurable: true, enumerable: true });
  return value;
}

/**
 * Compiles the calls of a function now, which takes 0.25 ms: such a call asks V8 for no memory, and
 * doesn't fail where there is none.
 */
export function compileNow(name: keyof Libc): void {
  // errno's address is looked up before the first call, as for any function.
  errnoNow();
  keep(name, compile(name));
}

type AnyFunction = (...args: unknown[]) => unknown;

/** Returns the address of a symbol of the C library; null where it has none of that name. */
export function addressOf(name: string): Deno.PointerValue {
  // Not by TextEncoder: the runtime would have to load it first.
  const symbol = Uint8Array.from(`${name}\0`, (character) => character.charCodeAt(0));
  return libc.dlsym(null, symbol, new Uint8Array(1));
}

/** The errno of the main thread, which makes all calls but the non-blocking ones. */
let errno: Int32Array | undefined;

/**
 * Returns the errno that the last failed call has left.
 *
 * It is read from memory: a call could change it. Its address is looked up before the first call of a
 * function that can fail, for the same reason.
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
  const definition: Deno.ForeignFunction = definitions[name];
  if (errno === undefined && name !== "dlsym" && name !== "__errno_location") errnoNow();
  if (name === "dlsym" || name === "connect" || definition.nonblocking) return compile(name);
  let pointer: Deno.PointerValue;
  try {
    pointer = addressOf(definition.name ?? name);
  } catch {
    return compile(name);
  }
  if (pointer === null) return compile(name);
  const pointed = new Deno.UnsafeFnPointer(
    pointer as Deno.PointerObject<Deno.ForeignFunction>,
    definition,
  ) as unknown as { call: AnyFunction };
  const repeatable = isRepeatable(name);
  let calls = 0;
  return (...args: unknown[]) => {
    if (++calls === OFTEN) keep(name, compile(name));
    return repeatable ? confirmed(() => pointed.call(...args), errnoNow) : pointed.call(...args);
  };
}

/** The functions of the C library, each bound when first read. Their results are raw: -1 and errno. */
export const libc: Libc = Object.create(
  // A function that is bound is a property of the object itself; only others get here.
  new Proxy({}, { get: (_, name) => keep(name as keyof Libc, bind(name as keyof Libc) as never) }),
);
