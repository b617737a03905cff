/** What tells whether `sv` can work somewhere: a part of `Deno.build`. */
export interface Platform {
  /** The operating system: `linux`. */
  readonly os: string;
  /** The processor: `x86_64`. */
  readonly arch: string;
  /** The C library that Deno is made for: `gnu`. */
  readonly env?: string | undefined;
}

/** The processors whose numbers of system calls, and layouts of structures, are known in this folder. */
const PROCESSORS: readonly string[] = ["x86_64", "aarch64"];

/** Returns why `sv` can't work on a platform, and what to do; undefined where it can. */
export function whyUnsupported({ os, arch, env }: Platform): string | undefined {
  if (os !== "linux") {
    return `this system is ${os}, and sv needs the kernel of Linux (epoll, pidfd, FIFOs); ` +
      "run it on Linux, in a container or a virtual machine say";
  }
  if (!PROCESSORS.includes(arch)) {
    return `this processor is ${arch}, and sv knows the kernel's interface only for ${
      PROCESSORS.join(" and ")
    }; run it on one of those`;
  }
  if (env === "musl") {
    return "this Deno is made for musl, and sv calls glibc; " +
      "run it on a system with glibc, such as Debian, with a Deno made for that";
  }
  return undefined;
}
