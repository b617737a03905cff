/** The threads of a scan that have none of the services' descriptors have all of the runtime's. */
import { assert, assertEquals } from "@std/assert";
import { DEADLINE } from "../support/deadline.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";
import { CLEAN, threadDescriptors } from "../support/thread_descriptors.ts";
import { forms, run, testForm } from "./forms.ts";

const SERVICES = 20;
const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);

/** The event descriptors by which the runtime's threads wake each other: those that no timer goes with. */
function wakers(pid: number, descriptors: Map<string, string>): string[] {
  const numbers = (kind: string) =>
    [...descriptors].filter(([, target]) => target === `anon_inode:[${kind}]`).map(([fd]) => fd);
  const watchedBy = (epoll: string) => {
    const info = Deno.readTextFileSync(`/proc/${pid}/fdinfo/${epoll}`);
    return [...info.matchAll(/^tfd: +(\d+)/gm)].map((match) => match[1]!);
  };
  const timers = numbers("timerfd");
  const ofScan = numbers("eventpoll").map(watchedBy).find((all) =>
    all.some((fd) => timers.includes(fd))
  );
  return numbers("eventfd").filter((fd) => !ofScan!.includes(fd));
}

for (const form of forms) {
  testForm(
    form,
    "threads that start programs have what the runtime needs, after an upgrade too",
    async () => {
      await using directory = await ScanDirectory.make(
        Object.fromEntries(names.map((name) => [name, readyService])),
      );
      const services = names.map((name) => directory.service(name));
      const sv = (...args: string[]) => run([...form.command, ...args]);
      const [program, ...args] = [...CLEAN, ...form.command, "scan", directory.path];
      const scan = new Deno.Command(program!, { args, stdin: "null" }).spawn();
      const check = () => {
        const [main, ...threads] = threadDescriptors(scan.pid);
        const needed = wakers(scan.pid, main!);
        assert(needed.length > 0);
        for (const thread of threads) {
          assertEquals(needed.filter((fd) => !thread.has(fd)), []);
        }
        return threads.some((thread) => thread.size < SERVICES);
      };
      try {
        assertEquals((await sv("wait", "-U", "-t", `${DEADLINE}`, ...services)).code, 0);
        assert(check(), "some thread has none of the services' descriptors");
        assertEquals((await sv("scanctl", "--upgrade", directory.path)).code, 0);
        assertEquals(
          (await sv("control", "-wR", "-T", `${DEADLINE}`, "-r", ...services.slice(0, 1))).code,
          0,
        );
        check();
      } finally {
        await sv("scanctl", "-t", directory.path);
      }
      assertEquals((await scan.status).code, 0);
    },
  );
}
