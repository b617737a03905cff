/** The page: as a text, and in a browser. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { pageOf } from "../../../../lib/cli/serve/page/page.ts";
import { Browser, missingBrowser } from "../../../support/browser.ts";
import { testNeeding } from "../../../support/needs.ts";
import { sv } from "../../../support/program.ts";
import { Scan } from "../../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../../support/scan_directory.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";
import { until } from "../../../support/until.ts";

Deno.test("the page loads nothing else, and its policy allows only what it has", async () => {
  const { policy, text } = await pageOf();
  assertEquals([...text.matchAll(/https?:\/\/[^"\s]+/g)].map(([url]) => url), [
    "http://www.w3.org/2000/svg",
  ]);
  assertEquals([...text.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, url]) => url), [
    "data:,",
    "#main",
  ]);
  assertEquals(/\son\w+=|style="|innerHTML|insertAdjacentHTML|eval\(/.exec(text), null);
  assertMatch(
    policy,
    /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; /,
  );
  assert(text.length < 60_000, `${text.length} characters`);
});

/** A name and output that would be markup in a page that takes text for it. */
const EVIL = "<img src=x onerror=document.title='evil'>".replaceAll("/", "");

testNeeding(
  [await missingBrowser()],
  "in a browser it shows services, changes and logs, by keys alone",
  async () => {
    await using directory = await ScanDirectory.make({
      web: {
        run: `#!/bin/sh\nexec >>out 2>&1\necho "${EVIL}"\necho >&3\nexec 3>&-\nexec sleep 100000\n`,
        "notification-fd": "3\n",
      },
      [EVIL]: readyService,
      off: silentService,
    });
    Deno.writeTextFileSync(`${directory.path}/off/down`, "");
    await using _scan = await Scan.start(directory.path);
    await directory.ready("web");
    await directory.ready(EVIL);
    await using profile = await temporaryDirectory();
    const token = "0123456789abcdef-token";
    Deno.writeTextFileSync(`${directory.parent}/token`, token, { mode: 0o600 });
    const [program, ...args] = [
      ...sv,
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--token-file",
      `${directory.parent}/token`,
    ];
    const child = new Deno.Command(program!, {
      args,
      env: { SVDIR: directory.path },
      stdin: "null",
      stderr: "piped",
    }).spawn();
    let said = "";
    const read = (async () => {
      for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) said += chunk;
    })();
    try {
      const url = await until(() => /http:\S+/.exec(said)?.[0], "sv serve to answer");
      await using browser = await Browser.start(profile.path);
      const focused = () => browser.value("document.activeElement.textContent");
      for (const [width, scheme] of [[390, "light"], [1400, "dark"]] as const) {
        await browser.look(width, scheme);
        await browser.open(url);
        await browser.shows('document.querySelectorAll("#services tr").length === 3');
        assertEquals(
          await browser.value("document.documentElement.scrollWidth <= innerWidth"),
          true,
          `nothing is cut off at ${width} pixels`,
        );
      }
      const dark = await browser.value(
        "getComputedStyle(document.documentElement).backgroundColor",
      );
      assertEquals(dark, "rgb(20, 23, 26)");
      assertMatch(
        await browser.value('document.querySelector("#summary").textContent'),
        /^3 services, all as wanted$/,
      );

      // By keys alone: to the filter, to the table, into a service.
      await browser.press("/");
      assertEquals(await browser.value("document.activeElement.id"), "filter");
      for (const key of "web") await browser.press(key);
      await browser.shows('document.querySelectorAll("#services tr").length === 1');
      await browser.press("Tab");
      assertEquals(await focused(), "web", "its row");
      await browser.press("Enter");
      await browser.shows('!document.querySelector("#details").hidden');
      assertEquals(await focused(), "web", "its heading");
      await browser.shows('document.querySelector("#log").textContent.includes("needs a token")');
      assertEquals(await browser.value('document.querySelector("#access").open'), true);
      await browser.value(`(() => {
      const field = document.querySelector("#token");
      field.value = "${token}";
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type));
    })()`);
      await browser.shows(
        `document.querySelector("#log").textContent.includes(${JSON.stringify(EVIL)})`,
      );
      await browser.value('document.querySelector("#stop").focus()');
      await browser.press("Enter");
      await browser.shows('document.querySelector("#services .state").textContent === "down"');
      await directory.until("web", ({ pid }) => pid === 0, "to be down");
      await browser.press("Escape");
      await browser.shows('document.querySelector("#details").hidden');
      assertEquals(await focused(), "web", "its row");
      assertEquals(await browser.value("document.title"), "Services", "no text became markup");
      const complaints = browser.complaints.filter((text) =>
        !/status of 40[14] .*\/logs/.test(text)
      );
      assertEquals(complaints, []);
    } finally {
      child.kill("SIGKILL");
      await Promise.all([child.status, read]);
    }
  },
);
