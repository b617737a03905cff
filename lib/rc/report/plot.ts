import { largest } from "../definitions/walk.ts";
import { type CriticalPath, criticalPath } from "./critical_path.ts";
import { formatMilliseconds } from "./milliseconds.ts";
import type { ServiceStart, StartRecord } from "./start_record.ts";

const WIDTH = 1000;
const MARGIN = 20;
const LABEL_GAP = 10;
/** Room to the right of the last bar for its duration. */
const DURATION_WIDTH = 64;
const LONGEST_NAME = 34;
/** The estimated width of a character, and of a bold one, in parts of the font size. */
const CHARACTER = 0.56;
const BOLD_CHARACTER = 0.66;
const ADVICE_LINES = 3;
const NEGLIGIBLE = 0.005;

const INK = "#1f2933";
const FAINT = "#7b8794";
const GRID = "#e4e7eb";
const ZEBRA = "#f7f8fa";
const BAR = "#9fb3c8";
const CRITICAL = "#d9480f";
const FAILED = "#e03131";

interface Layout {
  readonly rowHeight: number;
  readonly fontSize: number;
  readonly left: number;
  readonly top: number;
  readonly scale: (milliseconds: number) => number;
}

function escape(text: string): string {
  return text.toWellFormed().replace(
    /[<>&"]|[^\x20-\u{10ffff}]/gu,
    (character) => `&#${character.charCodeAt(0) < 32 ? 65533 : character.charCodeAt(0)};`,
  );
}

function shorten(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function text(
  x: number,
  y: number,
  content: string,
  { size, fill = INK, anchor = "start", bold = false }: {
    size: number;
    fill?: string;
    anchor?: "start" | "middle" | "end";
    bold?: boolean;
  },
): string {
  const weight = bold ? ` font-weight="bold"` : "";
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" ` +
    `text-anchor="${anchor}"${weight}>${escape(content)}</text>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

/** Returns about that many ticks up to a limit, at multiples of 1, 2 or 5 times a power of ten. */
function ticks(limit: number, about: number): number[] {
  const rough = limit / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
  const count = Math.floor(limit / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function formatTick(milliseconds: number, limit: number): string {
  if (limit >= 2_000) return `${Number((milliseconds / 1000).toPrecision(6))} s`;
  return `${Number(milliseconds.toPrecision(6))} ms`;
}

/** Tells in words what made a start long, and what would make it shorter. */
export function advice({ services }: StartRecord, { total, path, gains }: CriticalPath): string[] {
  const lines = [`Critical path: ${path.join(" → ") || "none"}`];
  const worthwhile = gains.filter(({ gain }) => gain > total * NEGLIGIBLE).slice(0, ADVICE_LINES);
  if (worthwhile.length > 0) {
    lines.push(
      "Worth making faster: " +
        worthwhile.map(({ name, duration, gain }) =>
          `${name} (${formatMilliseconds(duration)}, can save ${formatMilliseconds(gain)})`
        ).join(", "),
    );
  }
  const never = services.filter(({ ready }) => ready === undefined).map(({ name }) => name);
  if (never.length > 0) lines.push(`Never ready: ${never.join(", ")}`);
  return lines;
}

/** Breaks a line between words where it is wider than the picture. */
function wrap(line: string, size: number): string[] {
  const limit = Math.floor((WIDTH - 2 * MARGIN) / (size * CHARACTER));
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > limit) {
      lines.push(current);
      current = `    ${word}`;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current];
}

/**
 * Draws how services started: a bar for each, from the start of its process until it is ready, in
 * the order of their starts. The critical path is marked.
 *
 * @param record What to draw.
 * @returns The text of an SVG file.
 */
export function plotStart(record: StartRecord): string {
  const critical = criticalPath(record);
  const { services } = record;
  const many = services.length > 40;
  const fontSize = many ? 11 : 13;
  const rowHeight = many ? 15 : 24;
  const small = 12;
  const adviceLines = advice(record, critical).flatMap((line) => wrap(line, small));
  const longest = largest(services.map(({ name }) => shorten(name).length), 4);
  const left = MARGIN + longest * fontSize * BOLD_CHARACTER + LABEL_GAP;
  const top = MARGIN + 30 + adviceLines.length * 18 + 30;
  const end = largest(services.map(({ ready, spawned }) => ready ?? spawned), 1);
  const right = WIDTH - MARGIN - DURATION_WIDTH;
  const scale = (milliseconds: number) => left + milliseconds / end * (right - left);
  const layout = { rowHeight, fontSize, left, top, scale };
  const bottom = top + services.length * rowHeight;
  const height = bottom + (many ? 40 : MARGIN);
  const isCritical = new Set(critical.path);
  const date = new Date(record.date).toISOString().replace("T", " ").slice(0, 19);
  const count = `${services.length} service${services.length === 1 ? "" : "s"}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
    `viewBox="0 0 ${WIDTH} ${height}" font-family="'DejaVu Sans', Verdana, sans-serif">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN, MARGIN + 16, `${count}, ready after ${formatMilliseconds(critical.total)}`, {
      size: 18,
      bold: true,
    }),
    text(WIDTH - MARGIN, MARGIN + 16, `${date} UTC`, { size: small, fill: FAINT, anchor: "end" }),
    ...adviceLines.map((line, index) =>
      text(MARGIN, MARGIN + 40 + index * 18, line.replace(/^ +/, "\u2003\u2003"), { size: small })
    ),
    ...services.map((_, row) =>
      row % 2 === 1
        ? ""
        : `<rect x="${MARGIN}" y="${top + row * rowHeight}" width="${WIDTH - 2 * MARGIN}" ` +
          `height="${rowHeight}" fill="${ZEBRA}"/>`
    ),
    ...axis(layout, end, top - 8, bottom),
    ...(many ? axisLabels(layout, end, bottom + 16) : []),
    ...connections(services, critical, layout),
    ...services.map((service, row) => bar(service, row, isCritical.has(service.name), layout, end)),
    "</svg>",
    "",
  ].filter((line) => line !== "").join("\n") + "\n";
}

function axis(layout: Layout, end: number, labels: number, bottom: number): string[] {
  const { scale, top } = layout;
  return [
    ...axisLabels(layout, end, labels),
    ...ticks(end, 8).map((tick) =>
      `<line x1="${round(scale(tick))}" y1="${top}" x2="${round(scale(tick))}" y2="${bottom}" ` +
      `stroke="${GRID}"/>`
    ),
  ];
}

function axisLabels({ scale }: Layout, end: number, y: number): string[] {
  return ticks(end, 8).map((tick) =>
    text(scale(tick), y, formatTick(tick, end), { size: 11, fill: FAINT, anchor: "middle" })
  );
}

/** Draws lines from each service on the critical path to the next one, which waited for it. */
function connections(
  services: readonly ServiceStart[],
  { path }: CriticalPath,
  { scale, top, rowHeight }: Layout,
): string[] {
  const rows = new Map(services.map((service, row) => [service.name, { service, row }]));
  return path.slice(1).map((name, index) => {
    const from = rows.get(path[index]!)!;
    const to = rows.get(name)!;
    const x = round(scale(from.service.ready!));
    const y1 = top + (from.row + 0.5) * rowHeight;
    const y2 = top + (to.row + 0.5) * rowHeight;
    return `<path d="M${x} ${y1}V${y2}H${round(scale(to.service.spawned))}" fill="none" ` +
      `stroke="${CRITICAL}" stroke-dasharray="2 2"/>`;
  });
}

function bar(
  { name, type, ordered, spawned, ready }: ServiceStart,
  row: number,
  critical: boolean,
  { scale, top, rowHeight, fontSize, left }: Layout,
  end: number,
): string {
  const middle = top + (row + 0.5) * rowHeight;
  const baseline = middle + fontSize * 0.36;
  const height = rowHeight * 0.62;
  const from = scale(spawned);
  const to = Math.max(scale(ready ?? end), from + 1.5);
  const fill = ready === undefined ? FAILED : critical ? CRITICAL : BAR;
  const label = ready === undefined ? "never ready" : formatMilliseconds(ready - spawned);
  const wanted = label.length * (fontSize - 1) * CHARACTER;
  const outside = ready !== undefined || to - from < wanted + 8;
  // The label stands to the right of the bar or, where there is no room, to the left.
  const fitsRight = to + 5 + wanted <= WIDTH - MARGIN;
  const labelAt = !outside ? to - 5 : fitsRight ? to + 5 : from - 5;
  const anchor = outside && fitsRight ? "start" : "end";
  return [
    `<g><title>${escape(name)} (${type}): ordered ${formatMilliseconds(ordered)}, running ` +
    `${formatMilliseconds(spawned)}, ${
      ready === undefined ? "never ready" : `ready ${formatMilliseconds(ready)}`
    }</title>`,
    text(left - LABEL_GAP, baseline, shorten(name), {
      size: fontSize,
      anchor: "end",
      fill: critical ? CRITICAL : INK,
      bold: critical,
    }),
    `<line x1="${round(scale(ordered))}" y1="${middle}" x2="${round(from)}" y2="${middle}" ` +
    `stroke="${fill}"/>`,
    `<rect x="${round(from)}" y="${round(middle - height / 2)}" width="${round(to - from)}" ` +
    `height="${round(height)}" rx="2" fill="${fill}"${
      ready === undefined ? ` fill-opacity="0.35"` : ""
    }/>`,
    text(labelAt, baseline, label, {
      size: fontSize - 1,
      fill: outside ? FAINT : FAILED,
      anchor,
    }),
    "</g>",
  ].join("");
}
