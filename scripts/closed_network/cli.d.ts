type Names<N> = N | readonly N[];
type Values<B extends string, S extends string, C extends string, D> =
  & { [K in Exclude<B, C>]: K extends keyof D ? boolean | D[K] : boolean }
  & { [K in Exclude<S, C>]: K extends keyof D ? string | D[K] : string | undefined }
  & { [K in C & S]: string[] }
  & { [K in C & B]: boolean[] };

/** What {@linkcode parseArgs} takes; see the package for the meaning of each. */
export interface ParseOptions<B extends string, S extends string, C extends string, D, DD> {
  "--"?: DD;
  alias?: Record<string, string | readonly string[]>;
  boolean?: Names<B>;
  string?: Names<S>;
  collect?: Names<C>;
  default?: D;
  negatable?: string | readonly string[];
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} returns. */
export type Args<
  V = Record<never, never>,
  DD extends boolean | undefined = undefined,
> =
  & V
  & { _: Array<string | number> }
  // deno-lint-ignore no-explicit-any
  & { [name: string]: any }
  & (true extends DD ? { "--": string[] } : unknown);

export declare function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const D extends Record<string, unknown> = Record<never, never>,
  DD extends boolean | undefined = undefined,
>(args: string[], options?: ParseOptions<B, S, C, D, DD>): Args<Values<B, S, C, D>, DD>;
