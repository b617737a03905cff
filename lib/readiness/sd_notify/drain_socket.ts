import { replaceDescriptor, setInherited } from "../../os/descriptor.ts";
import { receive } from "../../os/datagram_socket.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { exec } from "../../os/spawn/exec.ts";
import { HANDED } from "../companion.ts";

/** How many messages are taken in a turn. */
const MESSAGES_AT_ONCE = 64;

/**
 * The program that reads the socket on descriptor 0 until the daemon, on the descriptor of its pidfd, has died. It asks for
 * no descriptors, so the kernel closes those that come with a message, which answers a barrier. Closing
 * what a stranger sends may take the kernel long, a connection that lingers say: a signal ends that.
 * 64 is MSG_DONTWAIT: a message that select(2) told of may be gone.
 */
const READER = `
$SIG{ALRM} = sub {};
my ($all, $ready) = ("", "");
vec($all, $_, 1) = 1 for 0, ${HANDED.second};
for (;;) {
  select($ready = $all, undef, undef, undef) > 0 or next;
  exit if vec($ready, ${HANDED.second}, 1);
  alarm 1;
  recv STDIN, my $message, 1, 64;
  alarm 0;
}`;

/**
 * Becomes a smaller program that reads the daemon's socket until the daemon dies. It takes half a
 * megabyte of memory of its own, and this one twenty times as much. Returns where there is no perl.
 */
function becomeReader(): void {
  // Variables that are for the daemon's own perl would load modules.
  for (const name of Object.keys(Deno.env.toObject())) {
    if (name.startsWith("PERL")) Deno.env.delete(name);
  }
  replaceDescriptor(0, HANDED.third);
  setInherited(HANDED.second, true);
  exec(["perl", "-e", READER]);
  setInherited(HANDED.second, false);
}

/** Takes messages until the daemon dies, as that program does. */
function readUntilDeath(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  reactor().watch(HANDED.third, Priority.Ordinary, () => {
    for (let count = 0; count < MESSAGES_AT_ONCE; count++) {
      const datagram = receive(HANDED.third, 1);
      if (datagram === undefined) break;
      datagram[Symbol.dispose]();
    }
  });
  reactor().watch(HANDED.second, Priority.Death, () => {
    reactor().unwatch(HANDED.second);
    reactor().unwatch(HANDED.third);
    resolve();
  });
  return promise;
}

/**
 * Keeps the daemon's socket as long as the daemon lives, when no message matters any more: answers
 * barriers, and drops all messages. A daemon would fail, or wait for ever, if nothing read them.
 *
 * @param mayBecome Whether this process may become a smaller program, and has nothing to do at its end.
 */
export async function drainSocket(mayBecome: boolean): Promise<void> {
  if (mayBecome) becomeReader();
  await readUntilDeath();
}
