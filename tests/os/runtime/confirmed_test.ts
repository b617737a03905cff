import { assertEquals } from "@std/assert";
import { isRepeatable } from "../../../lib/os/runtime/confirmed.ts";
import { Errno } from "../../../lib/os/system_error.ts";
import { makeSure } from "./make_sure.ts";

/** A call that fails, each time for the next of the reasons, the last one for ever. */
class FailingCall {
  calls = 0;
  readonly #reasons: readonly number[];

  constructor(...reasons: number[]) {
    this.#reasons = reasons;
  }

  readonly call = (): number => {
    this.calls++;
    return -1;
  };

  readonly errno = (): number => this.#reasons[Math.min(this.calls, this.#reasons.length) - 1]!;
}

Deno.test("a call that fails for another reason each time is not made for ever", () => {
  const failing = new FailingCall(...Array.from({ length: 100 }, (_, index) => index + 20));
  assertEquals(makeSure(failing.call, failing.errno), -1);
  assertEquals(failing.calls, 5);
});

Deno.test("a call that fails is made until it has failed twice in a row for the same reason", () => {
  const { ENOENT, EBADF, EACCES } = Errno;
  const cases = [[EBADF], [ENOENT, EBADF], [EBADF, ENOENT, EBADF], [ENOENT, EACCES, EBADF]];
  assertEquals(
    cases.map((reasons) => {
      const failing = new FailingCall(...reasons);
      makeSure(failing.call, failing.errno);
      return [failing.calls, failing.errno()];
    }),
    [[2, EBADF], [3, EBADF], [4, EBADF], [4, EBADF]],
  );
});

Deno.test("a call that a signal interrupted is left to the caller", () => {
  const failing = new FailingCall(Errno.EINTR);
  makeSure(failing.call, failing.errno);
  assertEquals(failing.calls, 1);
});

Deno.test("a call of 64 bits that fails is recognized", () => {
  let calls = 0;
  assertEquals(makeSure(() => (calls++, -1n), () => Errno.ENOMEM), -1n);
  assertEquals(calls, 2);
});

Deno.test("a failed close(2) or connect(2) is not repeated", () => {
  assertEquals(["close", "connect", "openat"].map(isRepeatable), [false, false, true]);
});
