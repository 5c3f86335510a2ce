/** Two cells by the size of their training set, and their difference: the front end of its room. */

import { settingControl, settingSegments, stopControl, together } from "#view/controls.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { walk } from "#view/drag.js";
import { answer } from "#view/explorer.js";
import { significant, tenTo } from "#view/number.js";
import { shapeOf, within } from "#view/shape.js";
import { circle, columns, cursorBand, round } from "#view/strip.js";
import { ofStudy } from "#view/study.js";

const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (values.length - 1));
}

/**
 * The `scores` of both, LSTM first, and the `differences` with their intervals; which is `better`
 * at each size; and what the two models are.
 */
export function compute({ task, other, equal, size }, { tasks, sizes }) {
  const { score, chance, models } = tasks[task];
  const pair = [models.LSTM, models[`${other}, ${equal}`]];
  const { differences } = pair[1];
  return {
    score, chance, models: pair, differences, sequences: sizes[size - 1],
    scores: pair.map(({ test }) => test),
    better: differences.map(([, low, high]) => (low > 0 ? "LSTM" : high < 0 ? other : "undecided")),
  };
}

// --- the drawing

/** Near zero in proportion, far from it by its power: the difference from which on is 0.001. */
const spread = (difference) => Math.sign(difference) * Math.log10(1 + Math.abs(difference) / 0.001);
const WIDEST = 2.8; // of the scale of differences
const DIFFERENCES = [0.1, 0.01, 0, -0.01, -0.1];

function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  const height = within(room, { wide: [404, 440], short: [280, 318], narrow: [384, 440] }[shape]);
  const foot = height - (shape === "short" ? 8 : 12);
  const top = 40;
  const low = foot - 28;
  const middle = Math.round(top + (low - top) * 0.54);
  return { width, height, top, middle, upper: middle + (shape === "short" ? 30 : 38), low, foot, cols: columns(width, 5, { left: 50, right: 6 }) };
}

/** Where scores and differences stand. */
function scales({ top, middle, upper, low }, { score }) {
  const [from, to] = score === "error" ? [Math.log10(3e-5), Math.log10(0.5)] : [0, 1.06];
  const share = (value) => ((score === "error" ? Math.log10(Math.max(value, 1e-9)) : value) - from) / (to - from);
  const half = (low - upper) / 2;
  return {
    score: (value) => middle - (middle - top) * within(share(value), [0, 1]),
    difference: (value) => upper + half * (1 - within(spread(value) / WIDEST, [-1, 1])),
    ticks: score === "error" ? [-4, -3, -2, -1].map((power) => [10 ** power, tenTo(power)]) : [[0, "0"], [0.5, "0.5"], [1, "1"]],
  };
}

/** The pixel across of a seed of the LSTM (cell 0) or of the other. */
const across = (cols, cell, size, seed) => cols.x(size) + cols.pitch * (cell ? 0.2 : -0.2) + (cols.pitch * 0.28 * (seed - 4.5)) / 9;

/** Both axes: their lines, numbers, and what stands at them. */
function axesPart(words, sizes) {
  const [grid, feet, names] = [svg("g", { class: "u-axis" }), svg("g", { class: "u-ticks" }), svg("g")];
  const limit = svg("path", { class: "limit" });
  const keys = svg("path", { class: "keys" });
  const key = svg("path", { class: "key" });
  return {
    elements: [grid, limit, feet, names, keys, key],
    update({ state, result }, layout) {
      const { cols, top, upper, low, foot, width } = layout;
      const at = scales(layout, result);
      const rows = [...at.ticks.map(([value, text]) => [at.score(value), text]), ...DIFFERENCES.map((value) => [at.difference(value), String(value).replace("-", "−")])];
      repeat(grid, rows.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
        const [y, text] = rows[n];
        patch(partsOf(group)[0], { x1: cols.left, x2: cols.end, y1: round(y), y2: round(y), "stroke-dasharray": text === "0" ? null : "2 4" });
        patch(partsOf(group)[1], { x: cols.left - 6, y: round(y) + 4, text });
      });
      patch(limit, { d: `M${cols.left} ${round(at.score(result.chance))}H${cols.end}` });
      repeat(feet, sizes.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, k) => {
        patch(text, { x: round(cols.x(k)), y: foot - 10, text: String(sizes[k]), class: k === state.size - 1 ? "u-chosen" : null });
      });
      const said = [
        [0, top - 10, result.score === "error" ? words.error : words.accuracy, "start"], [cols.end, round(at.score(result.chance)) + (result.score === "error" ? -5 : 13), words.chance, "end"],
        [cols.left + 6, upper + 12, words.betterSide({ cell: words.cells.LSTM }), "start"], [cols.left + 6, low - 5, words.betterSide({ cell: words.cells[state.other] }), "start"],
        [width - 62, 16, words.cells[state.other], "start"], [width - 142, 16, words.cells.LSTM, "start"],
      ];
      repeat(names, said.length, () => svg("text")).forEach((text, n) => {
        const [x, y, one, anchor] = said[n];
        patch(text, { x, y, text: one, "text-anchor": anchor });
      });
      patch(keys, { d: circle(width - 152, 12, 4) });
      patch(key, { d: circle(width - 72, 12, 4) });
    },
  };
}

/** The scores of every seed, their means, and where the means were. */
function scoresPart() {
  const names = ["full", "hollow", "means", "u-ghost", "front"];
  const paths = names.map((name) => svg("path", { class: name }));
  return {
    element: answer(svg("g", { class: "scores" }, ...paths)),
    update({ state: { seed }, result, ghost }, layout) {
      const { cols } = layout;
      const at = scales(layout, result);
      const r = cols.pitch > 90 ? 3 : 2.2;
      const level = (scores) => scores.flatMap((sizes, cell) => sizes.map((all, k) => {
        const [from, to] = [across(cols, cell, k, -1), across(cols, cell, k, 10)];
        return `M${round(from)} ${round(at.score(mean(all)))}H${round(to)}`;
      })).join("");
      const seeds = (cell) => result.scores[cell].flatMap((all, k) => all.map((value, n) => circle(across(cols, cell, k, n), at.score(value), r))).join("");
      const front = result.scores.flatMap((sizes, cell) => sizes.map((all, k) => circle(across(cols, cell, k, seed), at.score(all[seed]), r + 2))).join("");
      const before = ghost && ghost.score === result.score ? level(ghost.scores) : "";
      [seeds(0), seeds(1), level(result.scores), before, front].forEach((d, n) => patch(paths[n], { d }));
    },
  };
}

/** The LSTM's advantage at each size: filled where the interval keeps off zero. */
function differencesPart(words) {
  const names = ["intervals", "decided", "open", "u-ghost"];
  const paths = names.map((name) => svg("path", { class: name }));
  const text = svg("text", { class: "u-strong", "text-anchor": "end" });
  return {
    element: answer(svg("g", { class: "differences" }, ...paths, text)),
    update({ state, result, ghost, width }, layout) {
      const { cols, middle } = layout;
      const at = scales(layout, result).difference;
      const dots = (wanted) => result.differences.map(([value], k) => ((result.better[k] === "undecided") === wanted ? circle(cols.x(k), at(value), 5) : "")).join("");
      const lines = (all) => all.map(([, low, high], k) => `M${round(cols.x(k))} ${round(at(low))}V${round(at(high))}`).join("");
      const before = ghost ? ghost.differences.map(([value], k) => `M${round(cols.x(k) - 12)} ${round(at(value))}h24`).join("") : "";
      [lines(result.differences), dots(false), dots(true), before].forEach((d, n) => patch(paths[n], { d }));
      patch(text, { x: cols.end, y: middle + 24, text: words.line({ ...advantage(state, result), long: width >= 300 }) });
    },
  };
}

/** The chosen difference in numbers. */
function advantage({ size }, { differences, better }) {
  const [value, low, high] = differences[size - 1].map((one) => significant(one, 2));
  return { mean: value, low, high, better: better[size - 1] };
}

function stage({ change, words, results }) {
  const [band, axes, scores, differences] = [cursorBand(), axesPart(words, results.sizes), scoresPart(), differencesPart(words)];
  const drawing = svg("svg", { role: "img" }, band.element, ...axes.elements, scores.element, differences.element);
  const element = html("div", { class: "u-field" }, drawing);
  let layout = null;
  walk(element, ([px]) => change({ size: layout.cols.at(px) + 1 }));
  return {
    element,
    update(view) {
      layout = layoutFor(view);
      const { width, height, cols, top, low } = layout;
      patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
      band.update({ cols, at: view.state.size - 1, top: top - 8, bottom: low + 6 });
      for (const part of [axes, scores, differences]) part.update(view, layout);
    },
  };
}

// --- the controls, the words

function controls(tools) {
  const { words, results } = tools;
  return [
    stopControl(tools, "size", {
      symbol: words.sizeLabel, label: words.sizeControl, values: results.sizes.map((_, k) => k + 1), texts: results.sizes.map(String),
    }),
    settingControl(tools, "seed", { symbol: words.seedLabel, label: words.seedControl }),
  ];
}

const choice = (tools) => {
  const { words } = tools;
  return together("u-choices",
    settingSegments(tools, "other", words.otherControl, words.others),
    settingSegments(tools, "equal", words.equalControl, words.equals),
    settingSegments(tools, "task", words.taskControl, words.tasks));
};

const three = (value) => significant(value);

function formula({ state, result, words }) {
  const k = state.size - 1;
  const { other, seed } = state;
  const [lstm, another] = result.scores.map((all) => all[k]);
  const [first, second] = result.models;
  const told = { task: words.tasks[state.task], size: result.sequences, other };
  return [
    sketch("div", { text: words.told.means({ ...told, lstm: three(mean(lstm)), spread: three(deviation(lstm)), mean: three(mean(another)), spreadOther: three(deviation(another)) }) }),
    sketch("div", { text: `${words.told.difference(advantage(state, result))} ${words.told.better({ better: result.better[k] })}` }),
    sketch("div", { text: words.told.seed({ seed, other, lstm: three(lstm[seed]), value: three(another[seed]) }) }),
    sketch("div", { class: "known", text: words.told.sizes({ units: first.hidden_size, weights: first.weights, other, unitsOther: second.hidden_size, weightsOther: second.weights }) }),
  ];
}

function summary({ state, result, words }) {
  const k = state.size - 1;
  const [lstm, another] = result.scores.map((all) => three(mean(all[k])));
  return words.summary({ task: words.tasks[state.task], size: result.sequences, lstm, other: state.other, mean: another, better: result.better[k], seed: state.seed });
}

function copyPython({ task, other, equal, size }, words) {
  return `# ${words.comment}
from statistics import mean

from unrolled import results

study = results.load("data_size")
size, H = study["sizes"][${size - 1}], study["hidden_size"]
for row in study["rows"]:
    if (row["task"], row["size"]) != ("${task}", size):
        continue
    if row["cell"] == "LSTM" or row["cell"] == "${other}" and (row["hidden_size"] ${equal === "weights" ? "!=" : "=="} H):
        print(f"{row['cell']} {mean(row['test']):.3g}")
for row in study["differences"]:
    if (row["task"], row["size"], row["cell"]) == ("${task}", size, "${other}"):
        if (row["equal"] == "weights") == ${equal === "weights" ? "True" : "False"}:
            low, high = row["interval"]
            print(f"LSTM's advantage {row['mean']:.3g}, 95 %: {low:.3g} to {high:.3g}")
`;
}

export const code = { copyPython };

/** What was computed, by the names that the face has for it. */
export const names = (state, { scores, differences, better, sequences }) => ({ scores, differences, better, sequences });

export default ofStudy({
  cursors: ["size", "seed"],
  compute, names,
  stage,
  controls,
  choice,
  formula,
  summary,
  code,
});
