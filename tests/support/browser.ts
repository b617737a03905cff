import { type Missing, missingPrograms, refused } from "./needs.ts";
import { temporaryDirectory } from "./temporary_directory.ts";
import { until } from "./until.ts";
import { within } from "./within.ts";

/** The programs that will do: one that can't open windows, and is smaller, and the whole browser. */
const PROGRAMS = ["chromium-headless-shell", "chromium"];

const program = PROGRAMS.find((program) => missingPrograms(program) === undefined);

/** What Chromium answers, or tells by itself. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  // deno-lint-ignore no-explicit-any
  readonly params?: any;
  // deno-lint-ignore no-explicit-any
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** As root, without a sandbox, which such a machine may forbid; and without any look at the internet. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--hide-scrollbars",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

/** Returns why there is no browser: it is not installed, or can't show even an empty page. */
export async function missingBrowser(): Promise<Missing> {
  if (program === undefined) return `none is installed: ${PROGRAMS.join(", ")}`;
  await using profile = await temporaryDirectory();
  const flags = FLAGS.filter((flag) => !flag.startsWith("--remote-debugging"));
  const place = `--user-data-dir=${profile.path}`;
  const command = ["env", `HOME=${profile.path}`, program, ...flags, place, "--dump-dom", "data:,"];
  return (await refused(...command))?.slice(-200);
}

/** Chromium without a window, with one page, by the DevTools protocol. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #heard: Promise<unknown>;
  #session: string | undefined;
  #last = 0;
  /** What the page has complained of: errors of its program, and what its policy has kept from it. */
  readonly complaints: string[] = [];

  private constructor(child: Deno.ChildProcess, socket: WebSocket, heard: Promise<unknown>) {
    this.#child = child;
    this.#socket = socket;
    this.#heard = heard;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /**
   * Starts Chromium.
   *
   * @param profile A new directory for its files.
   */
  static async start(profile: string): Promise<Browser> {
    const child = new Deno.Command(program ?? PROGRAMS[0]!, {
      args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { HOME: profile },
      // The program may be a script that waits for the browser: both are ended, as a process group.
      detached: true,
    }).spawn();
    let text = "";
    const heard = (async () => {
      for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) text += part;
    })();
    const url = await until(
      () => /DevTools listening on (\S+)/.exec(text)?.[1],
      "Chromium to listen",
    )
      .catch(async (error) => {
        Deno.kill(-child.pid, "SIGKILL");
        await child.status;
        throw new Error(`${error.message}; it said: ${text}`);
      });
    const socket = new WebSocket(url);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error("Chromium takes no connection"));
    await within(opened.promise, "a connection to Chromium");
    const browser = new Browser(child, socket, heard);
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = sessionId;
    // A page in the background draws nothing.
    await browser.send("Page.bringToFront");
    for (const domain of ["Page", "Runtime", "Log"]) await browser.send(`${domain}.enable`);
    return browser;
  }

  #take({ error, id, method, params, result }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ result, ...error && { error } });
      this.#waiting.delete(id);
    }
    if (method === "Runtime.exceptionThrown") {
      const { exception, text } = params.exceptionDetails;
      this.complaints.push(exception?.description ?? text);
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") {
      this.complaints.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    }
    if (method === "Page.javascriptDialogOpening") {
      void this.send("Page.handleJavaScriptDialog", { accept: true });
    }
  }

  /** Sends a command of the DevTools protocol, and returns its result. */
  // deno-lint-ignore no-explicit-any
  async send(method: string, params: object = {}): Promise<any> {
    const id = ++this.#last;
    const answered = Promise.withResolvers<Message>();
    this.#waiting.set(id, answered.resolve);
    const sessionId = this.#session;
    this.#socket.send(JSON.stringify({ id, method, params, ...sessionId && { sessionId } }));
    const { error, result } = await within(answered.promise, `an answer to ${method}`);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Leads to a page. */
  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
  }

  /** Sets how wide the window is, in pixels, and whether the reader's system is dark. */
  async look(width: number, scheme: "dark" | "light"): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Returns the value of an expression in the page. */
  // deno-lint-ignore no-explicit-any
  async value(expression: string): Promise<any> {
    const { exceptionDetails, result } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    }
    return result.value;
  }

  /** Waits until an expression in the page is true. */
  async shows(expression: string): Promise<void> {
    try {
      await until(async () => await this.value(expression) === true, expression);
    } catch (error) {
      const text = await this.value("document.body.innerText");
      throw new Error(
        `${(error as Error).message}; the page shows:\n${text}\n${this.complaints.join("\n")}`,
      );
    }
  }

  /** Presses a key, by its name: `Tab`, `Enter`, `/`. */
  async press(key: string): Promise<void> {
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    const codes: Record<string, number> = {
      Tab: 9,
      Enter: 13,
      Escape: 27,
      ArrowUp: 38,
      ArrowDown: 40,
    };
    const event = {
      key,
      text,
      windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0),
    };
    await this.send("Input.dispatchKeyEvent", {
      type: text === undefined ? "rawKeyDown" : "keyDown",
      ...event,
    });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Writes a picture of the whole page, as PNG. */
  async picture(path: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    await Deno.writeFile(path, Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#socket.onclose = () => closed.resolve();
    this.#socket.close();
    Deno.kill(-this.#child.pid, "SIGKILL");
    await this.#child.status;
    await within(closed.promise, "the connection to Chromium to end").catch(() => {});
    await within(this.#heard, "all processes of Chromium to end");
  }
}
