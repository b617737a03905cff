import { assertEquals } from "@std/assert";
import type { Bundle, Longrun, Oneshot } from "../../../lib/rc/definitions/definition.ts";
import { makeInstances } from "../../../lib/rc/definitions/instances.ts";

const LONGEST = 251;

const longrun = (name: string, more: Partial<Longrun> = {}): Longrun => ({
  type: "longrun",
  name,
  directory: `/source/${name}`,
  essential: false,
  dependencies: [],
  timeoutUp: 0,
  timeoutDown: 0,
  notifies: false,
  consumerFor: [],
  ...more,
});

const oneshot = (name: string): Oneshot => {
  const { notifies: _n, consumerFor: _c, ...startable } = longrun(name);
  return { ...startable, type: "oneshot", scripts: { up: "true" } };
};

const bundle = (name: string, ...contents: string[]): Bundle => ({
  type: "bundle",
  name,
  directory: `/source/${name}`,
  essential: false,
  contents,
});

const templates = new Map(
  [
    longrun("web@", { dependencies: ["prepare@", "db"], producerFor: "log@" }),
    longrun("log@", { consumerFor: ["web@"], pipelineName: "logged@" }),
    oneshot("prepare@"),
    bundle("all@", "web@", "other@x"),
  ].map((template) => [template.name, template]),
);

Deno.test("a name that a service has makes an instance, and that all which it names", () => {
  const { definitions, faults } = makeInstances([bundle("default", "web@a")], templates, LONGEST);
  assertEquals(faults, []);
  const instance = { template: "web@", instance: "a" };
  assertEquals(definitions.map(({ name }) => name), ["web@a", "prepare@a", "log@a"]);
  assertEquals(definitions[0], {
    ...longrun("web@a", { dependencies: ["prepare@a", "db"], producerFor: "log@a" }),
    directory: "/source/web@",
    instance,
  });
  assertEquals(definitions[2], {
    ...longrun("log@a", { consumerFor: ["web@a"], pipelineName: "logged@a" }),
    directory: "/source/log@",
    instance: { template: "log@", instance: "a" },
  });
});

Deno.test("a name that is defined is no instance, nor is one without a template", () => {
  const own = [bundle("default", "web@a", "nothing@b"), longrun("web@a")];
  assertEquals(makeInstances(own, templates, LONGEST), { definitions: [], faults: [] });
});

Deno.test("instances that several name are made once, and may name each other in a circle", () => {
  const circle = new Map([
    ["a@", longrun("a@", { dependencies: ["b@"] })],
    ["b@", longrun("b@", { dependencies: ["a@"] })],
  ]);
  const { definitions } = makeInstances([bundle("x", "a@1"), bundle("y", "a@1")], circle, LONGEST);
  assertEquals(definitions.map(({ name }) => name), ["a@1", "b@1"]);
});

Deno.test("what can't be the name of an instance is an error, and so is a template", () => {
  const long = `web@${"x".repeat(250)}`;
  const wrong = bundle("default", "web@", "web@.a", "web@a b", long);
  const { definitions, faults } = makeInstances([wrong], templates, LONGEST);
  assertEquals(definitions, []);
  assertEquals(faults.map(({ message }) => message), [
    "'default' names 'web@', which is a template; name an instance of it: web@NAME",
    "'default' names 'web@.a', which can't be an instance of /source/web@: it begins with a dot",
    "'default' names 'web@a b', which can't be an instance of /source/web@: it has white space or a control character",
    `'default' names '${long}', which can't be an instance of /source/web@: a scan ignores names of more than 251 bytes`,
  ]);
});
