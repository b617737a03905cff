/**
 * The page: one file that loads nothing else.
 *
 * @module
 */

import { STATES } from "../../../explain/states.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** The page, and the policy that browsers keep it to. */
export interface Page {
  readonly text: string;
  /** The header Content-Security-Policy. */
  readonly policy: string;
}

const FACTS = JSON.stringify(
  Object.fromEntries(
    Object.entries(STATES).map(([state, { tone, urgency }]) => [state, { tone, urgency }]),
  ),
);

const TEXT = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Services</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">to the services</a>
<header>
<h1>Services</h1>
<p id="summary" role="status">…</p>
<p id="link" role="status">connecting</p>
<p><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off" aria-keyshortcuts="/"></p>
</header>
<main id="main" tabindex="-1">
<table aria-label="Services, the most urgent first">
<thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col" class="number">Since</th>
<th scope="col" class="number">Ready after</th><th scope="col" class="number">Pid</th><th scope="col">Why</th></tr></thead>
<tbody id="services"></tbody>
</table>
<p id="none" hidden>There are no such services.</p>
<section id="details" aria-labelledby="title" hidden>
<h2 id="title" tabindex="-1"></h2>
<p id="reason"></p>
<p id="next"></p>
<div class="actions">
<button type="button" id="start">start</button>
<button type="button" id="stop">stop</button>
<button type="button" id="restart">restart</button>
<button type="button" id="reload">reload</button>
<button type="button" id="again">read the log again</button>
<button type="button" id="close">close</button>
</div>
<p id="outcome" role="status"></p>
<pre id="log" tabindex="0" role="log" aria-label="the last lines of its log"></pre>
</section>
<section aria-labelledby="startup-title">
<h2 id="startup-title">Start-up</h2>
<p id="startup-about"></p>
<dl id="startup"></dl>
</section>
<section id="graph" aria-labelledby="graph-title" hidden>
<h2 id="graph-title">Dependencies</h2>
<div id="drawing" tabindex="0" role="group" aria-labelledby="graph-title"></div>
<details><summary>As a list</summary><ul id="needs"></ul></details>
</section>
<details id="access">
<summary>Token</summary>
<p><label for="token">Logs and changes need it over TCP; it is forgotten with this page</label>
<input id="token" type="password" autocomplete="off"></p>
</details>
</main>
<script type="application/json" id="states">${FACTS}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

let page: Promise<Page> | undefined;

async function make(): Promise<Page> {
  const [script, style] = await Promise.all([hashOf(SCRIPT), hashOf(STYLE)]);
  return {
    text: TEXT,
    policy: `default-src 'none'; script-src ${script}; style-src ${style}; img-src data:; ` +
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  };
}

/** Returns the page, which is made when it is first asked for. */
export function pageOf(): Promise<Page> {
  return page ??= make();
}
