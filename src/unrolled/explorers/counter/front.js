/** A trained network that reads a text, and the unit that counts: the front end of its room. */

import { dot, softmax } from "#core/linear.js";
import { run as runGRU } from "#core/gru.js";
import { run as runLSTM } from "#core/lstm.js";
import { run as runRNN } from "#core/rnn.js";
import { control, settingControl, settingSegments, stepSlider, together } from "#view/controls.js";
import { html, patch, repeat, sketch, svg } from "#view/dom.js";
import { walk } from "#view/drag.js";
import { answer } from "#view/explorer.js";
import { signed } from "#view/formula.js";
import { decimalsFor, fixed, short } from "#view/number.js";
import { shapeOf } from "#view/shape.js";
import { KEEP_KEYS } from "#view/slider.js";
import { barLane, columns, cursorBand, nameLane, round, signedAxis, signedLimit, textLane, tickLane } from "#view/strip.js";
import { parametersOf } from "#view/parameters.js";
import { ofStudy } from "#view/study.js";

const LETTERS = { anbn: "ab", anbncn: "abc" };
const RUNS = { LSTM: runLSTM, GRU: runGRU, RNN: runRNN };

/** What is to come next after each letter; null from where the text is no beginning of a word any more. */
export function expected(language, text) {
  const letters = LETTERS[language];
  const [counts, said] = [[], []];
  for (const one of text) {
    const at = letters.indexOf(one);
    if (at === counts.length && new Set(counts).size < 2) counts.push(0);
    if (at < 0 || at !== counts.length - 1 || (at && counts[at] === counts[0])) break;
    counts[at] += 1;
    said.push(`${letters}.`[at && counts[at] === counts[0] ? at + 1 : at]);
  }
  return [...said, ...Array(text.length - said.length).fill(null)];
}

/**
 * The `memory` of each unit after each letter, in their order; the `probabilities` of what comes
 * next, what is `said` and what is `expected`, and the steps, from 1, at which it is `wrong`.
 */
export function compute({ language, cell, network, text }, { networks }) {
  const one = networks[language][cell][network];
  const alphabet = [...LETTERS[language], "."];
  const steps = RUNS[cell](one.cell, [...text].map((letter) => alphabet.map((known) => Number(known === letter))));
  const hidden = cell === "RNN" ? steps : steps.map(({ h }) => h);
  const kept = cell === "LSTM" ? steps.map(({ c }) => c) : hidden;
  const probabilities = hidden.map((h) => softmax(one.W_y.map((row, k) => dot(row, h, "W_y") + one.b_y[k])));
  const said = probabilities.map((shares) => alphabet[shares.indexOf(Math.max(...shares))]);
  const wanted = expected(language, text);
  return {
    alphabet, steps, probabilities, said, expected: wanted,
    memory: kept.map((all) => one.order.map((k) => all[k])),
    wrong: said.map((_, k) => k + 1).filter((k) => wanted[k - 1] !== null && wanted[k - 1] !== said[k - 1]),
    reaches: one.reaches, follows: one.follows, place: one.order,
  };
}

const word = (language, n) => [...LETTERS[language]].map((one) => one.repeat(n)).join("");
/** The largest n whose word there is room for. */
const most = (language, { text }) => Math.floor(text.most / LETTERS[language].length);
/** How many a's a text begins with. */
const count = (text) => text.match(/^a*/)[0].length;

// --- the drawing

const HEIGHTS = {
  wide: { left: 76, right: 14, next: 30, zero: 190, half: 110, letters: 336, foot: 362, height: 374 },
  short: { left: 50, right: 10, next: 24, zero: 134, half: 76, letters: 240, foot: 262, height: 272 },
  narrow: { left: 42, right: 8, next: 24, zero: 156, half: 92, letters: 280, foot: 304, height: 314 },
};

/** The same letter several times: where it begins and ends. */
function blocks(letters) {
  const found = [];
  letters.forEach((one, k) => {
    if (found.at(-1)?.one === one) found.at(-1).to = k;
    else found.push({ one, from: k, to: k });
  });
  return found;
}

/** Letters in their columns, or where these are too narrow, a bracket for each block of them, with its number. */
function letterLane(end) {
  const [texts, brackets] = [textLane(), svg("path", { class: "bracket" })];
  return {
    element: svg("g", {}, brackets, texts.element),
    update({ cols, y, letters, at }) {
      const every = cols.pitch >= 13;
      const groups = every ? [] : blocks(letters);
      const ends = ({ from, to }) => [cols.x(from) - cols.pitch / 2 + 1, cols.x(to) + cols.pitch / 2 - 1];
      const roomy = groups.filter((one) => ends(one)[1] - ends(one)[0] >= 22);
      patch(brackets, { d: groups.map((one) => `M${round(ends(one)[0])} ${y - 12}v-4H${round(ends(one)[1])}v4`).join("") });
      const spelled = (one, room) => (one === "." && room >= 30 ? end : one);
      texts.update(every ? letters.map((one, k) => [cols.x(k), y, spelled(one, cols.pitch), k === at ? "u-chosen" : "u-strong"])
        : roomy.map((one) => [(cols.x(one.from) + cols.x(one.to)) / 2, y, `${one.to > one.from ? `${one.to - one.from + 1} ` : ""}${spelled(one.one, ends(one)[1] - ends(one)[0] - 12)}`, "u-strong"]));
    },
  };
}

/** The units that are not chosen, as thin lines. */
function otherUnits() {
  const element = svg("g", { class: "others" });
  return {
    element,
    update({ cols, zero, half, limit, memory, unit }) {
      const others = memory[0].map((_, k) => k).filter((k) => k !== unit - 1);
      repeat(element, others.length, () => svg("path")).forEach((line, n) => {
        const y = (value) => round(zero - Math.max(-1, Math.min(1, value / limit)) * half);
        patch(line, { d: memory.map((all, k) => `${k ? "L" : "M"}${round(cols.x(k))} ${y(all[others[n]])}`).join("") });
      });
    },
  };
}

/** What the network says, with a bar under what is wrong. */
function nextLane(end) {
  const lane = letterLane(end);
  const wrong = svg("path", { class: "wrong" });
  return {
    element: answer(svg("g", {}, wrong, lane.element)),
    update({ cols, y, result, at }) {
      lane.update({ cols, y, letters: result.said, at });
      const wide = Math.min(18, Math.max(3, cols.pitch - 2));
      patch(wrong, { d: result.wrong.map((k) => `M${round(cols.x(k - 1) - wide / 2)} ${y + 6}h${round(wide)}v4h${-round(wide)}z`).join("") });
    },
  };
}

function stage(tools) {
  const { change, words } = tools;
  const [band, axis, bars, numbers, ticks, rows] = [cursorBand(), signedAxis(), barLane(), textLane(), tickLane(), nameLane()];
  const [others, letters, next] = [otherUnits(), letterLane(words.end), nextLane(words.end)];
  for (const { element } of [others, bars, numbers]) answer(element);
  const drawing = svg("svg", { role: "img" }, band.element, axis.element, others.element, bars.element, numbers.element,
    letters.element, next.element, ticks.element, rows.element);
  const field = html("div", { class: "u-field" }, drawing);
  const time = stepSlider(tools, words.letterControl);
  let cols = null;
  walk(field, ([px]) => change({ step: cols.at(px) + 1 }));

  function update(view) {
    const { state, result, ghost, width, room } = view;
    const wide = width >= 560;
    const place = HEIGHTS[shapeOf({ width, room })];
    const { next: top, zero, half, letters: y, foot, height } = place;
    cols = columns(width, state.text.length, place);
    const at = state.step - 1;
    const values = result.memory.map((all) => all[state.unit - 1]);
    const limit = state.cell === "LSTM" ? signedLimit(values) : 1;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
    band.update({ cols, at, top: 6, bottom: foot - 14 });
    axis.update({ cols, zero, half, limit });
    const past = ghost && ghost.memory.length === values.length ? ghost.memory.map((all) => all[state.unit - 1]) : null;
    bars.update({ cols, zero, half, limit, values, ghost: past });
    others.update({ cols, zero, half, limit, memory: result.memory, unit: state.unit });
    numbers.update([[Math.max(cols.left + 16, Math.min(cols.end - 16, cols.x(at))), zero - half - 16, short(values[at]), "u-strong"]]);
    letters.update({ cols, y, letters: [...state.text], at });
    next.update({ cols, y: top, result, at });
    ticks.update({ cols, at, y: foot, every: cols.pitch >= 22 ? 1 : 10 });
    const { rows: names } = words;
    const symbol = state.cell === "LSTM" ? "c" : "h";
    rows.update([[wide ? names.next : names.nextShort, top - 4], [wide ? names.text : names.textShort, y - 4], [wide ? names.step : "", foot - 4],
      [wide ? `${symbol}, ${names.unit({ unit: state.unit })}` : "", zero - half - 20]]);
    time.update({ cols, step: state.step });
  }
  return { element: html("div", {}, field, time.element), update };
}

// --- the formula, the controls, the words

const about = (letter, k) => [sketch("i", { text: letter }), sketch("sub", { text: String(k) })];

/** Two products, their sum, and as many decimals as make what is printed come to it. */
function sumOf(operands, value) {
  const { decimals, exact } = decimalsFor(operands, ([a, b, c, d]) => a * b + c * d, value);
  const [a, b, c, d] = operands.map((one) => signed(one, decimals));
  return [`${a} × ${b} + ${c} × ${d} ${exact ? "=" : "≈"} `, sketch("b", { text: fixed(value) })];
}

/** How the chosen unit's memory became what it is at the chosen step. */
function ownStep({ state, result }) {
  const [k, unit] = [state.step - 1, result.place[state.unit - 1]];
  const now = result.steps[k];
  if (state.cell === "LSTM") {
    return [...about("c", k + 1), " = f c + i g = ", ...sumOf([now.f[unit], now.from.c[unit], now.i[unit], now.g[unit]], now.c[unit])];
  }
  if (state.cell === "GRU") {
    return [...about("h", k + 1), " = (1 − z) n + z h = ", ...sumOf([1 - now.z[unit], now.n[unit], now.z[unit], now.from.h[unit]], now.h[unit])];
  }
  return [...about("h", k + 1), " = tanh(⋯) ≈ ", sketch("b", { text: fixed(now[unit]) })];
}

function formula({ state, result, words }) {
  const k = state.step - 1;
  const shares = result.alphabet.map((one, n) => `${one === "." ? words.end : one} ${fixed(result.probabilities[k][n])}`).join(", ");
  return [
    sketch("div", {}, sketch("span", { text: words.rows.unit({ unit: state.unit }) }), " ", ...ownStep({ state, result })),
    sketch("div", {}, sketch("span", { text: words.rows.next }), " ", shares),
    sketch("div", { class: "known", text: words.known({ reaches: result.reaches, follows: fixed(result.follows[state.unit - 1]) }) }),
  ];
}

/** A text of the letters; what it does not take is said, and nothing is lost. */
function textControl({ change, say, settings, words }) {
  const { options, most: longest } = settings.text;
  const box = html("input", {
    type: "text", class: "typed", "aria-label": words.textControl, autocomplete: "off", autocapitalize: "off", spellcheck: "false", ...KEEP_KEYS,
    oninput() {
      const strange = [...box.value].find((one) => !options.includes(one));
      const problem = strange ? words.strange({ letter: strange }) : box.value.length > longest ? words.tooLong({ most: longest }) : "";
      patch(box, { "aria-invalid": problem ? "true" : null });
      say(problem);
      if (!problem && box.value) change({ text: box.value, step: box.value.length });
    },
    onblur: () => (box.value = shown),
  });
  let shown = "";
  return {
    element: html("div", { class: "u-control" }, html("span", { class: "u-symbol", "aria-hidden": "true", text: words.textLabel }), box),
    update({ state: { text } }) {
      if (text !== shown && box.getRootNode().activeElement !== box) box.value = text;
      shown = text;
    },
  };
}

/** The next word, longer by one at least, at which the network is wrong. */
function failControl(tools) {
  const { change, current, say, settings, words, results } = tools;
  const button = html("button", {
    type: "button", class: "u-action", text: words.fail, ...KEEP_KEYS,
    onclick() {
      const now = current();
      for (let n = 1; n <= most(now.language, settings); n++) {
        const text = word(now.language, n);
        const { wrong } = compute({ ...now, text }, results);
        if (wrong.length) return change({ text, step: wrong[0] });
      }
      return say(words.never({ most: most(now.language, settings) }));
    },
  });
  return { element: html("div", { class: "u-choices" }, button), update: () => {} };
}

function controls(tools) {
  const { change, current, settings, words } = tools;
  const n = control(tools, {
    symbol: "n", label: words.nControl, min: 1, max: Math.floor(settings.text.most / 2), step: 1, whole: true,
    onvalue(value) {
      const { language } = current();
      const text = word(language, Math.min(value, most(language, settings)));
      change({ text, step: Math.min(current().step, text.length) });
    },
  }, ({ text }) => Math.max(1, count(text)));
  return [n, textControl(tools), failControl(tools), settingControl(tools, "unit", { symbol: words.unitLabel, label: words.unitControl })];
}

const choice = (tools) => {
  const { words } = tools;
  return together("u-choices",
    settingSegments(tools, "cell", words.cellControl, words.cells),
    settingSegments(tools, "language", words.languageControl, words.languages),
    settingSegments(tools, "network", words.networkControl, words.networks));
};

function summary({ state, result, words }) {
  const end = result.expected.at(-1) !== null ? result.wrong.length ? "wrong" : "right" : "none";
  return words.summary({
    cell: state.cell, length: state.text.length, end, count: result.wrong.length, first: result.wrong[0] ?? 0, step: state.step,
    unit: state.unit, value: fixed(result.memory[state.step - 1][state.unit - 1]), said: result.said[state.step - 1] === "." ? words.end : result.said[state.step - 1],
  });
}

// --- the same numbers in Python

const loaded = ({ language, cell, network }, words) => `# ${words.comment}
import numpy as np
import torch

from unrolled import results

(row,) = (
    row
    for row in results.load("counting")["rows"]
    if (row["language"], row["cell"]) == ("${language}", "${cell}")
)
weights = row["shown"]["${network}"]["weights"]
`;

function copyPytorch(state, words) {
  const alphabet = `${LETTERS[state.language]}.`;
  return `${loaded(state, words)}
alphabet, text = "${alphabet}", "${state.text}"
torch.set_default_dtype(torch.float64)
layer, readout = torch.nn.${state.cell}(${alphabet.length}, 6), torch.nn.Linear(6, ${alphabet.length})
with torch.no_grad():
    for name, value in [*layer.named_parameters(), *readout.named_parameters()]:
        whole = f"recurrent.{name}" if name.endswith("l0") else f"readout.{name}"
        value.copy_(torch.tensor(weights[whole]).reshape(value.shape))
    x = torch.tensor([[[float(a == b) for b in alphabet]] for a in text])
    said = readout(layer(x)[0]).softmax(-1)[:, 0]
for letter, shares in zip(text, said.tolist()):
    print(letter, " ".join(f"{share:.3f}" for share in shares))
`;
}

function copyNumpy(state, words) {
  const alphabet = `${LETTERS[state.language]}.`;
  const step = {
    LSTM: `    i, f, g, o = np.split(W_x @ x + W_h @ h + b_x + b_h, 4)
    c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    h = np.tanh(c) / (1 + np.exp(-o))`,
    GRU: `    (r, z, n), (r_h, z_h, n_h) = np.split(W_x @ x + b_x, 3), np.split(W_h @ h + b_h, 3)
    r, z = 1 / (1 + np.exp(-r - r_h)), 1 / (1 + np.exp(-z - z_h))
    h = (1 - z) * np.tanh(n + r * n_h) + z * h`,
    RNN: "    h = np.tanh(W_x @ x + W_h @ h + b_x + b_h)",
  }[state.cell];
  return `${loaded(state, words).replace("import torch\n", "")}
alphabet, text = "${alphabet}", "${state.text}"
names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
W_x, W_h, b_x, b_h = (np.array(weights[f"recurrent.{name}_l0"]) for name in names)
b_x, b_h = b_x[0], b_h[0]
W_y, b_y = np.array(weights["readout.weight"]), np.array(weights["readout.bias"][0])
h = c = np.zeros(6)
for letter in text:
    x = np.array([float(letter == one) for one in alphabet])
${step}
    shares = np.exp(W_y @ h + b_y)
    print(letter, " ".join(f"{share:.3f}" for share in shares / shares.sum()))
`;
}

export const code = { copyNumpy, copyPytorch };

/** What was computed, by the names that the face has for it. */
export const names = (state, { memory, said, expected: wanted, wrong, reaches }) => ({ memory, said, expected: wanted, wrong, reaches });

/** A text of the letters, as a setting. */
function typed({ text: { options, most: longest }, ...settings }) {
  const whole = RegExp(`^[${options}]{1,${longest}}$`);
  const text = { name: "text", valid: (value) => whole.test(value), parse: (value) => value };
  return [...parametersOf(settings, ["step", "unit"]), text];
}

export default ofStudy({
  parameters: typed,
  settle: (now) => ({ ...now, step: Math.min(now.step, now.text.length) }),
  compute, names,
  stage,
  controls,
  choice,
  formula,
  summary,
  code,
});
