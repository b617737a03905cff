// deno-lint-ignore-file no-explicit-any
export interface SpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  args: Args;
  returned?: Return;
  error?: Error;
  self?: Self;
}
export interface Spy<Self = any, Args extends unknown[] = any[], Return = any> {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  restore(): void;
}
export interface MethodSpy<Self = any, Args extends unknown[] = any[], Return = any>
  extends Spy<Self, Args, Return>, Disposable {}
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any>
  extends MethodSpy<Self, Args, Return> {
  fake: (this: Self, ...args: Args) => Return;
}
type Method<Self, Name extends keyof Self> = Self[Name] extends
  (this: Self, ...args: infer Args) => infer Return ? { args: Args; returned: Return }
  : never;

export declare class MockError extends Error {}

export declare function spy<Self, Args extends unknown[]>(): Spy<Self, Args, void>;
export declare function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
export declare function spy<Self, Name extends keyof Self>(
  self: Self,
  property: Name,
): MethodSpy<Self, Method<Self, Name>["args"], Method<Self, Name>["returned"]>;

export declare function stub<Self, Name extends keyof Self>(
  self: Self,
  property: Name,
  func?: (
    this: Self,
    ...args: Method<Self, Name>["args"]
  ) => Method<Self, Name>["returned"],
): Stub<Self, Method<Self, Name>["args"], Method<Self, Name>["returned"]>;

export declare function assertSpyCall<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  callIndex: number,
  expected?: Partial<SpyCall<Self, Args, Return>>,
): void;
export declare function assertSpyCalls<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  expectedCalls: number,
): void;
export declare function returnsNext<Return, Self = any, Args extends unknown[] = any[]>(
  values: Iterable<Return>,
): (this: Self, ...args: Args) => Return;
export declare function resolvesNext<Return, Self = any, Args extends unknown[] = any[]>(
  iterable: Iterable<Return | Error | Promise<Return | Error>>,
): (this: Self, ...args: Args) => Promise<Return>;
