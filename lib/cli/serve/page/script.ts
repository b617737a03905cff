/**
 * The program of the page. It shows what `/services`, `/events`, `/graph` and `/startup` tell, as text only: a name or
 * a line of a log becomes no markup.
 */
export const SCRIPT = String.raw`
"use strict";
const STATES = JSON.parse(document.getElementById("states").textContent);
const at = (id) => document.getElementById(id);
const made = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const services = new Map();
const rows = new Map();
let selected, token = "", graph, logRequest = 0;

const toneOf = (service) => (STATES[service.state] || { tone: "busy" }).tone;
const urgencyOf = (service) => (STATES[service.state] || { urgency: 50 }).urgency;
const shortly = (milliseconds) =>
  milliseconds === null ? "" : milliseconds < 1000 ? Math.round(milliseconds) + " ms"
  : milliseconds < 60000 ? (milliseconds / 1000).toFixed(1) + " s"
  : Math.round(milliseconds / 60000) + " min";
const clock = (date) => {
  if (date === null) return "";
  const then = new Date(date);
  return Date.now() - then < 86400000 ? then.toLocaleTimeString() : then.toLocaleDateString();
};
// What stays true as time passes: the table is not drawn anew each second.
const lasting = (service) => {
  const reason = service.reason.replace(/^(?:ready|up|down) for [^,:;]*[,:] /, "").replace(/^[\d.]+ m?s after its start$/, "");
  return toneOf(service) === "off" || !service.next ? reason : reason + "; " + service.next;
};
const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

function rowOf(service) {
  let row = rows.get(service.name);
  if (!row) {
    const button = made("button", { type: "button", textContent: service.name });
    button.setAttribute("aria-controls", "details");
    button.addEventListener("click", () => select(selected === service.name ? undefined : service.name));
    const cell = (name, label) => {
      const element = made("td", { className: name });
      if (label) element.dataset.label = label;
      return element;
    };
    row = {
      button,
      state: made("span"),
      cells: [cell("number", "since"), cell("number", "ready after"), cell("number", "pid"), cell("why")],
    };
    row.element = made("tr", {}, made("td", { className: "name" }, button), made("td", {}, row.state), ...row.cells);
    rows.set(service.name, row);
  }
  const { state, cells: [since, after, pid, why] } = row;
  setText(state, service.state);
  state.className = "state " + toneOf(service);
  setText(since, clock(service.changed));
  setText(after, shortly(service.readyAfterMilliseconds));
  setText(pid, service.pid === null ? "" : String(service.pid));
  setText(why, lasting(service));
  row.button.setAttribute("aria-expanded", String(selected === service.name));
  return row.element;
}

function shown() {
  const wanted = at("filter").value.toLowerCase();
  return [...services.values()]
    .filter(({ name, state }) => name.toLowerCase().includes(wanted) || state.includes(wanted))
    .sort((a, b) => urgencyOf(b) - urgencyOf(a) || (a.name < b.name ? -1 : 1));
}

let isDue = false;
// Many events that come together are drawn once, and none while nobody looks.
function drawSoon() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw() {
  const body = at("services");
  const elements = shown().map(rowOf);
  for (const [name, row] of rows) {
    if (services.has(name)) continue;
    row.element.remove();
    rows.delete(name);
  }
  const isSame = elements.length === body.children.length &&
    elements.every((element, index) => element === body.children[index]);
  if (!isSame) {
    const focused = document.activeElement;
    body.replaceChildren(...elements);
    if (focused && focused !== document.activeElement && document.contains(focused)) focused.focus();
  }
  at("none").hidden = elements.length > 0;
  const all = [...services.values()];
  const count = (tone) => all.filter((service) => toneOf(service) === tone).length;
  const parts = [all.length === 1 ? "1 service" : all.length + " services"];
  if (count("bad") > 0) parts.push(count("bad") + " in trouble");
  if (count("busy") > 0) parts.push(count("busy") + " on the way");
  if (all.every((service) => service.asWanted)) parts.push("all as wanted");
  setText(at("summary"), parts.join(", "));
  drawDetails();
  drawGraph();
}

function select(name) {
  selected = name;
  draw();
  if (name !== undefined) {
    at("log").textContent = "";
    setText(at("outcome"), "");
    readLog();
    at("title").focus();
  }
}

function drawDetails() {
  const service = services.get(selected);
  at("details").hidden = !service;
  if (!service) return;
  setText(at("title"), service.name);
  setText(at("reason"), service.state + ": " + service.reason);
  setText(at("next"), service.next || "");
}

const headers = () => token === "" ? {} : { authorization: "Bearer " + token };

async function readLog() {
  const request = ++logRequest;
  const name = selected;
  const log = at("log");
  let text;
  try {
    const response = await fetch("/services/" + encodeURIComponent(name) + "/logs?lines=200", { headers: headers() });
    const answer = await response.json();
    text = response.ok
      ? answer.lines.map(({ line, time }) => (time ? time.slice(0, 23).replace("T", " ") + "Z  " : "") + line).join("\n")
      : answer.error;
    if (response.ok && text === "") text = "nothing yet";
    if (response.status === 401) at("access").open = true;
  } catch {
    text = "no answer";
  }
  if (request !== logRequest) return;
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  setText(log, text);
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

async function change(verb) {
  const name = selected;
  if ((verb === "stop" || verb === "restart") && !confirm(verb + " " + name + "?")) return;
  const outcome = at("outcome");
  outcome.textContent = verb + " …";
  try {
    const path = "/services/" + encodeURIComponent(name) + "/" + verb;
    const response = await fetch(path, { method: "POST", headers: headers() });
    const answer = await response.json();
    outcome.textContent = answer.error || answer.lines.join("\n") || (answer.done ? "done" : "not done");
    if (response.status === 401) at("access").open = true;
  } catch {
    outcome.textContent = "no answer";
  }
  if (selected === name) readLog();
}

function bar(start, end, whole, name, took, kind) {
  const space = made("span");
  space.style.width = 60 * start / whole + "%";
  space.style.flex = "none";
  const line = made("span", { className: "bar " + kind });
  line.style.width = 60 * Math.max(end - start, 0) / whole + "%";
  return [made("dt", { textContent: name }), made("dd", {}, space, line, made("span", { className: "took", textContent: took }))];
}

async function drawStartup() {
  const found = await fetch("/startup").then((response) => response.ok ? response.json() : undefined, () => undefined);
  const list = at("startup");
  if (found && found.services.length > 0) {
    const whole = Math.max(found.totalMilliseconds, ...found.services.map((one) => one.readyMilliseconds || one.spawnedMilliseconds), 1);
    setText(at("startup-about"), "The last start by sv rc, at " + new Date(found.date).toLocaleString() +
      ": everything was ready after " + shortly(found.totalMilliseconds) + ". On the critical path: " + found.criticalPath.join(", ") + ".");
    list.replaceChildren(...found.services.flatMap((one) =>
      bar(one.spawnedMilliseconds, one.readyMilliseconds ?? whole, whole, one.name,
        one.readyMilliseconds === null ? "not ready" : "ready after " + shortly(one.readyMilliseconds),
        one.readyMilliseconds === null ? "never" : found.criticalPath.includes(one.name) ? "critical" : "")));
    return;
  }
  const up = [...services.values()].filter((one) => one.up && one.changed !== null)
    .map((one) => ({ ...one, start: Date.parse(one.changed) })).sort((a, b) => a.start - b.start);
  const first = up.length > 0 ? up[0].start : 0;
  const together = up.filter(({ start }) => start - first < 60000);
  const later = up.length - together.length;
  const ends = together.map((one) => one.start - first + (one.readyAfterMilliseconds || 0));
  const whole = Math.max(...ends, 1);
  setText(at("startup-about"), up.length === 0 ? "Nothing is up." :
    "Services that are up, from the start of each to its readiness; the first was started at " + new Date(first).toLocaleString() +
    (later > 0 ? "; " + later + " were started more than a minute later." : "."));
  list.replaceChildren(...together.flatMap((one, index) =>
    bar(one.start - first, ends[index], whole, one.name,
      one.readyAfterMilliseconds === null
        ? (one.state === "up" ? "up" : "not ready")
        : "ready in " + shortly(one.readyAfterMilliseconds),
      one.readyAfterMilliseconds === null ? "never" : "")));
}

async function readGraph() {
  graph = await fetch("/graph").then((response) => response.ok ? response.json() : undefined, () => undefined);
  if (graph && graph.services.length === 0) graph = undefined;
  at("graph").hidden = !graph;
  drawGraph();
}

let drawn = "";
function drawGraph() {
  if (!graph) return;
  const tones = graph.services.map((node) => {
    const service = services.get(node.name);
    return service ? toneOf(service) : node.up ? "good" : "off";
  });
  const now = JSON.stringify([graph, tones]);
  if (now === drawn) return;
  drawn = now;
  const byName = new Map(graph.services.map((node) => [node.name, node]));
  const depths = new Map();
  const depthOf = (name) => {
    if (!depths.has(name)) {
      depths.set(name, 0);
      const below = (byName.get(name)?.dependencies || []).map(depthOf);
      depths.set(name, below.length === 0 ? 0 : Math.max(...below) + 1);
    }
    return depths.get(name);
  };
  const [width, height, across, down] = [150, 30, 70, 14];
  const columns = [];
  const places = new Map();
  for (const { name } of graph.services) {
    const column = columns[depthOf(name)] ||= [];
    places.set(name, { x: depthOf(name) * (width + across) + 2, y: column.length * (height + down) + 2 });
    column.push(name);
  }
  const SVG = "http://www.w3.org/2000/svg";
  const draw = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const edges = graph.services.flatMap(({ dependencies, name }) => dependencies.map((other) => {
    const [from, to] = [places.get(other), places.get(name)];
    const [x, y, endX, endY] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2];
    const middle = (x + endX) / 2;
    return draw("path", { d: ["M", x, y, "C", middle, y, middle, endY, endX, endY].join(" ") });
  }));
  const nodes = graph.services.map(({ name }, index) => {
    const { x, y } = places.get(name);
    const shortName = name.length > 19 ? name.slice(0, 18) + "…" : name;
    return draw("g", {}, draw("title", {}, name),
      draw("rect", { x, y, width, height, rx: 5, class: tones[index] }),
      draw("text", { x: x + 9, y: y + 20 }, shortName));
  });
  const size = {
    width: columns.length * (width + across) - across + 4,
    height: Math.max(...columns.map((column) => column.length), 1) * (height + down),
  };
  at("drawing").replaceChildren(draw("svg", { ...size, role: "img", "aria-labelledby": "graph-title" }, ...edges, ...nodes));
  at("needs").replaceChildren(...graph.services.map(({ dependencies, name }, index) =>
    made("li", { textContent: name + " (" + (services.get(name)?.state || (tones[index] === "good" ? "up" : "down")) + ")" +
      (dependencies.length > 0 ? " needs " + dependencies.join(", ") : " needs nothing") })));
}

const events = new EventSource("/events");
let isFirst = true;
events.addEventListener("snapshot", ({ data }) => {
  services.clear();
  for (const service of JSON.parse(data).services) services.set(service.name, service);
  draw();
  if (isFirst) {
    isFirst = false;
    drawStartup();
    readGraph();
  }
});
events.addEventListener("service", ({ data }) => {
  const { name, service } = JSON.parse(data);
  if (service === null) services.delete(name);
  else services.set(name, service);
  if (selected === name && service === null) selected = undefined;
  drawSoon();
  if (selected === name) readLog();
});
events.addEventListener("open", () => setText(at("link"), "live"));
events.addEventListener("error", () => setText(at("link"), "no connection: what is shown may be old"));

at("filter").addEventListener("input", draw);
at("token").addEventListener("input", ({ target }) => token = target.value.trim());
at("token").addEventListener("change", () => selected !== undefined && readLog());
for (const verb of ["start", "stop", "restart", "reload"]) at(verb).addEventListener("click", () => change(verb));
at("again").addEventListener("click", readLog);
at("close").addEventListener("click", () => {
  const row = rows.get(selected);
  select(undefined);
  if (row) row.button.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const isTyping = event.target.tagName === "INPUT";
  if (event.key === "Escape") {
    if (isTyping) event.target.blur();
    else if (selected !== undefined) at("close").click();
    return;
  }
  if (isTyping) return;
  if (event.key === "/") {
    event.preventDefault();
    at("filter").focus();
    return;
  }
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  const buttons = [...at("services").querySelectorAll("td.name button")];
  const here = buttons.indexOf(document.activeElement);
  if (step === undefined || buttons.length === 0 || (here < 0 && event.target !== document.body)) return;
  event.preventDefault();
  buttons[Math.min(Math.max(here + step, 0), buttons.length - 1)].focus();
});
`;
