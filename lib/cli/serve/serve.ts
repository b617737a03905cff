import { close } from "../../os/file.ts";
import { surviveErrors } from "../../os/runtime/survive_errors.ts";
import { tryWriteNewline } from "../../readiness/newline/notification_fd.ts";
import type { Address } from "./addresses.ts";
import { Authority } from "./authority.ts";
import { RequestHandler } from "./request_handler.ts";
import { HttpServer } from "./server.ts";
import { ServiceBoard } from "./service_board.ts";
import { readToken } from "./token_file.ts";

/** What is served, where, and for whom. */
export interface ServeSettings {
  /** The scan directory, an absolute path. */
  readonly scandir: string;
  readonly addresses: readonly Address[];
  /** The mode of UNIX sockets. */
  readonly mode: number;
  /** Users who may change services, besides root and the user who runs this program. */
  readonly users: readonly number[];
  /** The file of the token that allows changes. */
  readonly tokenFile: string | undefined;
  /** Names by which this server is known over TCP. */
  readonly hosts: readonly string[];
  /** The descriptor by which a supervisor is told that requests are answered. */
  readonly notificationFd: number | undefined;
  /** Tells the administrator. */
  readonly report: (message: string) => void;
}

/** Answers requests until SIGTERM or SIGINT. */
export async function serve(settings: ServeSettings): Promise<void> {
  const { notificationFd, report, tokenFile } = settings;
  const ended = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => ended.resolve());
  }
  if (tokenFile !== undefined) readToken(tokenFile);
  using stack = new DisposableStack();
  const board = stack.use(new ServiceBoard(settings.scandir));
  const authority = new Authority(settings);
  const handler = stack.use(
    new RequestHandler({
      board,
      authority,
      hosts: settings.hosts,
      report: (message) => report(`info: ${message}`),
    }),
  );
  for (const address of settings.addresses) {
    const server = stack.use(
      await HttpServer.listen({
        address,
        mode: settings.mode,
        handle: (received) => handler.handle(received),
      }),
    );
    report(`info: answering on ${server.address}`);
  }
  surviveErrors(report);
  if (notificationFd !== undefined) {
    tryWriteNewline(notificationFd);
    close(notificationFd);
  }
  await ended.promise;
}
