import { assertEquals, assertThrows } from "@std/assert";
import { buildSteps, imageConfig, parseDockerfile } from "./dockerfile.ts";

const TEXT = `# A comment
FROM debian:bookworm-slim
RUN one && \\
    # in between
    two
COPY a b /c/
ENV A=b=c
USER 7:8
EXPOSE 80
ENTRYPOINT ["/init", "-x"]
CMD ["sh"]
`;

Deno.test("a Dockerfile's steps are read, continued lines and comments included", () => {
  assertEquals(buildSteps(parseDockerfile(TEXT)), [
    { name: "FROM", text: "debian:bookworm-slim" },
    { name: "RUN", text: "one && two" },
    { name: "COPY", text: "a b /c/" },
  ]);
});

Deno.test("what an image says about its process 1 is read", () => {
  const { env, ...others } = imageConfig(parseDockerfile(TEXT));
  assertEquals(env["A"], "b=c");
  assertEquals(others, {
    user: { uid: 7, gid: 8 },
    entrypoint: ["/init", "-x"],
    command: ["sh"],
  });
});

Deno.test("an instruction that is not known here is refused", () => {
  assertThrows(() => imageConfig(parseDockerfile("FROM a\nONBUILD RUN x\n")), Error, "ONBUILD");
  assertThrows(() => parseDockerfile("copy a b\n"), Error, "copy a b");
});
