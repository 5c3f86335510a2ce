/** Who remembers how far: a map of the study's runs, and the learning curves of one place. */

import { settingControl, settingSegments, stopControl } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { placeIn } from "#view/drag.js";
import { answer } from "#view/explorer.js";
import { tenTo } from "#view/number.js";
import { shapeOf, within } from "#view/shape.js";
import { circle, round } from "#view/strip.js";
import { ofStudy } from "#view/study.js";

/** The chosen `place`, or null where it was not tried, with its cell and start and its length T; and all places of the task. */
export function compute({ task, row, length }, { tasks, series, lengths, budget }) {
  const { places, score, chance, solved_from } = tasks[task];
  const [cell, start] = series[row - 1];
  return { places, score, chance, from: solved_from, cell, start, budget, T: lengths[length - 1], place: places[row - 1][length - 1] };
}

const percent = (share) => `${Math.round(100 * share)} %`;

// --- the map

/** Where things stand: the map at the left and the curves beside it, or on a narrow screen below. */
function layoutFor({ width, room }, { series, lengths }) {
  const shape = shapeOf({ width, room });
  const height = within(room, { wide: [404, 440], short: [286, 320], narrow: [400, 452] }[shape]);
  const left = shape === "wide" ? 122 : 104;
  const narrow = shape === "narrow";
  const end = narrow ? width - 4 : Math.round(left + (width - left) * 0.52);
  const gap = narrow || shape === "short" ? 6 : 10;
  const groups = series.map((_, k) => new Set(series.slice(0, k + 1).map(([cell]) => cell)).size - 1);
  const top = 26;
  const mapHigh = narrow ? Math.round(height * 0.56) - top : height - top - 10;
  const pitch = (mapHigh - gap * groups.at(-1)) / series.length;
  const wide = (end - left) / lengths.length;
  return {
    shape, width, height, left, end, top, pitch, wide,
    x: (column) => left + wide * (column + 0.5),
    y: (row) => top + pitch * (row + 0.5) + gap * groups[row],
    chart: narrow ? { left: 40, right: width - 6, top: top + mapHigh + 34, bottom: height - 20 }
      : { left: end + (shape === "wide" ? 58 : 46), right: width - 8, top: 44, bottom: height - 32 },
  };
}

/** A mark for each seed, filled where it solved the task, and below them the interval of their share. */
function marksPart() {
  const names = ["open", "solved", "interval", "untried", "front"];
  const paths = Object.fromEntries(names.map((name) => [name, svg("path", { class: name })]));
  return {
    element: answer(svg("g", { class: "marks" }, ...names.map((name) => paths[name]))),
    update({ places }, seed, layout) {
      const d = Object.fromEntries(names.map((name) => [name, ""]));
      const reach = layout.wide * 0.8;
      const high = Math.min(5, layout.pitch / 5);
      places.forEach((row, at) => row.forEach((place, column) => {
        const [from, y] = [layout.x(column) - reach / 2, layout.y(at)];
        if (!place) return (d.untried += `M${round(layout.x(column) - 5)} ${round(y)}h10`);
        const pitch = reach / place.updates.length;
        const r = round(Math.min(3.4, pitch * 0.4));
        place.updates.forEach((one, k) => {
          d[one ? "solved" : "open"] += circle(from + pitch * (k + 0.5), y - high, r);
          if (k === seed) d.front += circle(from + pitch * (k + 0.5), y - high, r + 1.6);
        });
        const [low, top] = place.interval;
        return (d.interval += `M${round(from + reach * low)} ${round(y + high + 1)}H${round(from + reach * top)}`);
      }));
      for (const name of names) patch(paths[name], { d: d[name] });
    },
  };
}

/** Names of rows and columns, and the frame about the chosen place. */
function namesPart(words, { series, lengths }) {
  const rows = svg("g", { class: "u-rows" });
  const columns = svg("g", { class: "u-ticks" });
  const chosen = svg("rect", { class: "chosen", rx: 5 });
  return {
    elements: [chosen, rows, columns],
    update({ row, length }, layout) {
      repeat(rows, series.length, () => svg("text", { x: 0 })).forEach((text, k) => {
        const [cell, start] = series[k];
        patch(text, { y: round(layout.y(k) + 4), text: words.series({ cell, start: words.starts[start] }), class: k === row - 1 ? "u-chosen" : null });
      });
      repeat(columns, lengths.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, k) => {
        patch(text, { x: round(layout.x(k)), y: 16, text: `T = ${lengths[k]}`, class: k === length - 1 ? "u-chosen" : null });
      });
      const [x, y] = [layout.x(length - 1), layout.y(row - 1)];
      patch(chosen, { x: round(x - layout.wide / 2 + 2), y: round(y - layout.pitch / 2), width: round(layout.wide - 4), height: round(layout.pitch) });
    },
  };
}

// --- the learning curves

/** The pixels of a score and of a number of updates. */
function axesOf({ left, right, top, bottom }, { score }, budget) {
  const share = score === "error" ? (value) => 1 + Math.log10(Math.max(value, 1e-9)) / 4 : (value) => value / 1.06;
  return {
    ticks: score === "error" ? [0, -1, -2, -3, -4].map((power) => [10 ** power, power ? tenTo(power) : "1"]) : [[0, "0"], [0.5, "0.5"], [1, "1"]],
    x: (updates) => left + (right - left) * (updates / budget),
    y: (value) => bottom - (bottom - top) * within(share(value), [0, 1]),
  };
}

function curvesPart(words, { every, budget }) {
  const grid = svg("g", { class: "u-axis" });
  const feet = svg("g", { class: "u-ticks" });
  const limits = svg("path", { class: "limit" });
  const texts = svg("g");
  const [ghost, others, front, ends] = ["u-ghost", "others", "front", "ends"].map((look) => svg("path", { class: look }));
  const line = ({ x, y }) => (scores) => scores.map((value, n) => `${n ? "L" : "M"}${round(x(every * (n + 1)))} ${round(y(value))}`).join("");
  return {
    elements: [grid, limits, answer(svg("g", { class: "curves" }, ghost, others, front, ends)), texts, feet],
    update({ state, result, ghost: past }, { chart }) {
      const { left, right, top, bottom } = chart;
      const axes = axesOf(chart, result, budget);
      repeat(grid, axes.ticks.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
        const y = round(axes.y(axes.ticks[n][0]));
        patch(partsOf(group)[0], { x1: left, x2: right, y1: y, y2: y, "stroke-dasharray": n ? "2 4" : null });
        patch(partsOf(group)[1], { x: left - 6, y: y + 4, text: axes.ticks[n][1] });
      });
      repeat(feet, 3, () => svg("text")).forEach((text, n) => {
        patch(text, { x: round(axes.x((budget * n) / 2)), y: bottom + 16, "text-anchor": ["start", "middle", "end"][n],
          text: n === 1 && right - left < 150 ? "" : n < 2 ? String((budget * n) / 2) : `${budget} ${words.updates}` });
      });
      patch(limits, { d: [result.chance, result.from].map((one) => `M${left} ${round(axes.y(one))}H${right}`).join("") });
      const named = [[left, top - 10, words[result.score], "start"], [right - 2, axes.y(result.chance) + (result.score === "error" ? -4 : 13), words.chance, "end"],
        [right - 2, axes.y(result.from) + (result.score === "error" ? 13 : 14), words.solved, "end"]];
      repeat(texts, named.length, () => svg("text")).forEach((text, n) => {
        const [x, y, said, anchor] = named[n];
        patch(text, { x: round(x), y: round(y), text: said, "text-anchor": anchor });
      });
      const scores = result.place?.scores ?? [];
      const same = past && past.score === result.score && past.place && past.place !== result.place;
      const draw = line(axes);
      patch(ghost, { d: same ? past.place.scores.map(draw).join("") : "" });
      patch(others, { d: scores.filter((_, n) => n !== state.seed).map(draw).join("") });
      patch(front, { d: scores[state.seed] ? draw(scores[state.seed]) : "" });
      patch(ends, { d: scores.map((one, n) => (result.place.updates[n] ? circle(axes.x(every * one.length), axes.y(one.at(-1)), 3) : "")).join("") });
    },
  };
}

function stage({ change, words, results }) {
  const [marks, names, curves] = [marksPart(), namesPart(words, results), curvesPart(words, results)];
  const drawing = svg("svg", { role: "img" }, ...names.elements, marks.element, ...curves.elements);
  const element = html("div", { class: "u-field" }, drawing);
  let layout = null;
  element.addEventListener("pointerdown", (event) => {
    const [px, py] = placeIn(element, event);
    const rows = results.series.map((_, k) => Math.abs(layout.y(k) - py));
    const [row, column] = [rows.indexOf(Math.min(...rows)), Math.floor((px - layout.left) / layout.wide)];
    if (px <= layout.end && rows[row] < layout.pitch) change({ row: row + 1, length: within(column, [0, results.lengths.length - 1]) + 1 });
  });
  return {
    element,
    update(view) {
      layout = layoutFor(view, results);
      const { width, height } = layout;
      patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
      names.update(view.state, layout);
      marks.update(view.result, view.state.seed, layout);
      curves.update(view, layout);
    },
  };
}

// --- the controls, the words

function controls(tools) {
  const { words, results } = tools;
  const count = (list) => list.map((_, k) => k + 1);
  return [
    stopControl(tools, "row", {
      symbol: words.rowLabel, label: words.rowControl, values: count(results.series),
      texts: results.series.map(([cell, start]) => words.series({ cell, start: words.starts[start] })),
    }),
    stopControl(tools, "length", { symbol: "T", label: words.lengthOfTask, values: count(results.lengths), texts: results.lengths.map(String) }),
    settingControl(tools, "seed", { symbol: words.seedLabel, label: words.seedControl }),
  ];
}

const seriesOf = ({ cell, start }, words) => words.series({ cell, start: words.starts[start] });

function formula({ state: { seed }, result, words }) {
  const { place, T, budget } = result;
  const head = sketch("div", {}, sketch("b", { text: `${seriesOf(result, words)}, T = ${T}` }));
  if (!place) return [head, sketch("div", { text: words.untried })];
  const { solved, interval: [low, high], updates, learning_rate: rate } = place;
  const needed = updates.filter(Boolean);
  const how = updates[seed] ? "solved" : "other";
  return [
    head,
    sketch("div", { text: words.told.share({ solved, seeds: updates.length, low: percent(low), high: percent(high) }) }),
    sketch("div", { text: words.told.needed({ solved, budget, least: Math.min(...needed), most: Math.max(...needed) }) }),
    sketch("div", { text: words.told.seed({ seed, how, updates: updates[seed] ?? 0 }) }),
    sketch("div", { class: "known", text: words.told.rate({ rate: String(rate) }) }),
  ];
}

const summary = ({ state: { task, seed }, result, words }) => words.summary({
  task: words.tasks[task], series: seriesOf(result, words), T: result.T, tried: result.place ? "yes" : "no", solved: result.place?.solved ?? 0,
  seeds: result.place?.updates.length ?? 0, low: percent(result.place?.interval[0] ?? 0), high: percent(result.place?.interval[1] ?? 0), seed,
});

/** Where nothing was tried, the figure says why. */
const status = ({ result, words }) => (result.place ? null : words.untried);

function copyPython({ task, row, length }, words) {
  return `# ${words.comment}
from unrolled import results

study = results.load("distance")
T = study["lengths"][${length - 1}]
series = [(cell, one) for cell, some in study["starts"].items() for one in some]
for row in study["rows"]:
    if (row["task"], row["cell"], row["start"]) == ("${task}", *series[${row - 1}]):
        if row["T"] == T:
            low, high = row["interval"]
            print(f"{row['solved']} of {len(row['updates'])}: {low:.0%} to {high:.0%}")
            for seed, updates in enumerate(row["updates"]):
                print(seed, updates, row["scores"][seed][-1])
`;
}

export const code = { copyPython };

/** What was computed, by the names that the face has for it. */
export const names = (state, { place, T, cell, start }) => ({ place, T, series: [cell, start] });

export default ofStudy({
  cursors: ["seed"],
  compute, names,
  stage,
  controls,
  lead: 3,
  choice: (tools) => settingSegments(tools, "task", tools.words.taskControl, tools.words.tasks),
  formula,
  status,
  summary,
  code,
});
