/** The life of a service, from start to exit, with the program in each form that it has. */
import { assertEquals } from "@std/assert";
import { forms, publicDirectory, run, testForm } from "./forms.ts";
import { DEADLINE } from "../support/deadline.ts";
import { until } from "../support/until.ts";

const RUN = `#!/bin/sh
tr '\\0' '\\n' </proc/$$/environ >environment
exec 2>&1
ls /proc/self/fd >descriptors
ulimit -Sn >limit
echo >&3
exec sleep 1000 3>&-
`;

for (const form of forms) {
  testForm(form, "a service starts, is ready, and is down; its supervisor exits", async () => {
    using directory = publicDirectory();
    const service = `${directory.path}/a service`;
    Deno.mkdirSync(service);
    Deno.writeTextFileSync(`${service}/run`, RUN);
    Deno.chmodSync(`${service}/run`, 0o755);
    Deno.writeTextFileSync(`${service}/notification-fd`, "3\n");
    const sv = (...args: string[]) => run([...form.command, ...args]);
    assertEquals((await sv("ok", service)).code, 1);

    const environment = { HOME: directory.path, PATH: Deno.env.get("PATH")!, PWD: service };
    const supervisor = run(
      ["/bin/sh", "-c", 'ulimit -Sn 300; exec "$@"', "sh", ...form.command, "supervise", service],
      { env: environment, cwd: service },
    );
    await until(async () => (await sv("ok", service)).code === 0, "the supervisor to be there");
    assertEquals((await sv("wait", "-U", "-t", `${DEADLINE}`, service)).code, 0);
    const status = await sv("stat", "-u", service);
    assertEquals(status, { code: 0, stdout: "true\n", stderr: "" });
    const second = await sv("supervise", service);
    assertEquals(second.code, 100);

    assertEquals((await sv("control", "-wD", "-T", `${DEADLINE}`, "-xd", service)).code, 0);
    const { code, stdout, stderr } = await supervisor;
    assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
    assertEquals((await sv("stat", service)).code, 1);

    const seen = Deno.readTextFileSync(`${service}/environment`).trim().split("\n").sort();
    assertEquals(seen, Object.entries(environment).map(([name, value]) => `${name}=${value}`));
    assertEquals(Deno.readTextFileSync(`${service}/limit`), "300\n");
    // `ls` has the directory open: as 3 here, as 4 in the service, where 3 is for readiness.
    const inherited = (await run(["ls", "/proc/self/fd"])).stdout.split("\n");
    const descriptors = Deno.readTextFileSync(`${service}/descriptors`).split("\n");
    assertEquals(descriptors.filter((fd) => !inherited.includes(fd)), ["4"]);
  });
}
