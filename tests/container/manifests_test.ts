/** The manifests in examples/kubernetes and examples/nomad, against what the engines know. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { testNeeding } from "../support/needs.ts";
import { npmModule } from "../support/npm_module.ts";
import { imageConfig, parseDockerfile } from "./dockerfile.ts";
import { NOMAD, type NomadBlock } from "./nomad_fields.ts";

const examples = fromFileUrl(new URL("../../examples/", import.meta.url));
const read = (path: string) => Deno.readTextFileSync(examples + path);

const yaml = await npmModule("yaml@2.9.1");
const models = "kubernetes-models@5.1.0/_schemas";
const deployment = await npmModule(`${models}/IoK8sApiAppsV1Deployment`);
const service = await npmModule(`${models}/IoK8sApiCoreV1Service`);
const hcl = await npmModule("hcl2-parser@1.0.3");

/**
 * Returns what is wrong with an object by Kubernetes' own schema: values of a wrong kind, what is
 * missing, and fields that it does not know. Those are the ones that the generated check never reads.
 */
// deno-lint-ignore no-explicit-any -- a module of npm without its types
function findings(check: any, object: unknown): string[] {
  const fields = new Map<string, object>();
  const read = new Set<string>();
  const watched = (value: unknown, path: string): unknown => {
    if (typeof value !== "object" || value === null) return value;
    return new Proxy(value, {
      get(target, name) {
        const at = `${path}.${String(name)}`;
        read.add(at);
        return watched(Reflect.get(target, name), at);
      },
    });
  };
  const collect = (value: unknown, path: string) => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      fields.set(`${path}.${name}`, value);
      collect(inner, `${path}.${name}`);
    }
  };
  collect(object, "");
  const valid = check(watched(object, ""));
  const errors = valid ? [] : check.errors.map(
    ({ instancePath, message, keyword }: Record<string, string>) =>
      `${instancePath} ${message ?? keyword}`,
  );
  const unknown = [...fields.keys()].filter((path) => !read.has(path)).map((path) =>
    `${path}: unknown`
  );
  return [...errors, ...unknown];
}

const kubernetes = "kubernetes/web.yaml";
const schemaNeeds = [yaml.missing, deployment.missing, service.missing];

/** Returns the objects of the manifest. */
// deno-lint-ignore no-explicit-any -- a document without a type
const objects = (): any[] =>
  // deno-lint-ignore no-explicit-any -- a module of npm without its types
  yaml.module.parseAllDocuments(read(kubernetes)).map((document: any) => document.toJS());

testNeeding(schemaNeeds, `${kubernetes} is what Kubernetes' schema has`, () => {
  const [first, second, ...others] = objects();
  assertEquals([first.kind, second.kind, others], ["Deployment", "Service", []]);
  assertEquals(findings(deployment.module.validate, first), []);
  assertEquals(findings(service.module.validate, second), []);
});

testNeeding(
  schemaNeeds,
  "the schema finds fields that are misspelt, and values of a wrong kind",
  () => {
    const [object] = objects();
    const [container] = object.spec.template.spec.containers;
    container.readinessProb = container.readinessProbe;
    container.livenessProbe.httpGet.path = 3;
    delete object.spec.selector;
    const found = findings(deployment.module.validate, object).join("\n");
    for (
      const part of ["containers.0.readinessProb: unknown", "/livenessProbe/httpGet/path", "/spec "]
    ) {
      assert(found.includes(part), `${part}: ${found}`);
    }
  },
);

testNeeding(schemaNeeds, `${kubernetes} fits its image, and its own names`, () => {
  const [{ spec: { template, selector } }, { spec }] = objects();
  const { containers, volumes, terminationGracePeriodSeconds } = template.spec;
  const [container] = containers;
  const image = parseDockerfile(read("container/read-only/Dockerfile"));
  assertEquals(template.metadata.labels, selector.matchLabels);
  assertEquals(spec.selector, selector.matchLabels);
  const ports = Object.fromEntries(
    container.ports.map(({ name, containerPort }: Record<string, string>) => [name, containerPort]),
  );
  for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
    assert(container[probe].httpGet.port in ports, probe);
  }
  assert(spec.ports[0].targetPort in ports);
  const exposed = image.filter(({ name }) => name === "EXPOSE").flatMap(({ text }) =>
    text.split(" ").map(Number)
  );
  assertEquals(Object.values(ports), exposed);
  assertEquals(imageConfig(image).entrypoint[0], "sv");
  assertEquals(container.volumeMounts[0].name, volumes[0].name);
  const stops = Number(read("container/read-only/service/web/timeout-kill")) / 1000;
  assert(container.lifecycle.preStop.sleep.seconds + stops < terminationGracePeriodSeconds);
});

/** Returns the fields of a job that its blocks don't have. */
function unknownFields(value: unknown, block: NomadBlock, path: string): string[] {
  // A block without labels, and each block of one label, is an array here.
  if (Array.isArray(value)) return value.flatMap((one) => unknownFields(one, block, path));
  return Object.entries(value as object).flatMap(([name, inner]) => {
    const at = `${path}.${name}`;
    const kind = block[name];
    if (kind === undefined) return [`${at}: unknown`];
    if (kind === "list") return Array.isArray(inner) ? [] : [`${at}: not a list`];
    const type: string = typeof inner;
    if (typeof kind === "string") return type === kind ? [] : [`${at}: not a ${kind}`];
    const blocks = kind.labelled ? Object.values(inner) : [inner];
    return blocks.flatMap((one) => unknownFields(one, kind.fields, at));
  });
}

testNeeding([hcl.missing], "nomad/web.hcl has what a job of Nomad has", () => {
  const [job, error] = hcl.module.default.parseToObject(read("nomad/web.hcl"));
  assert(job !== null, JSON.stringify(error));
  assertEquals(unknownFields(job, NOMAD, ""), []);
  const [broken] = hcl.module.default.parseToObject(
    'job "a" {\n  counts = 1\n  group "b" { x = "\n',
  );
  assertEquals(broken, null);
  const misspelt = read("nomad/web.hcl").replace("kill_timeout ", "kill_timeot ");
  const [wrong] = hcl.module.default.parseToObject(misspelt);
  assertEquals(unknownFields(wrong, NOMAD, ""), [".job.group.task.kill_timeot: unknown"]);
});
