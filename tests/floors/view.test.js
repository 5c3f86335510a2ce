// The explorers' shared parts that need no page: numbers, colours, links, scales, the host's model.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { bringFiles, createModel } from "../../frontend/host/host.js";
import { blend, contrast, rgb, strength, textOn } from "#view/colour.js";
import { brief, decimalsFor, decimalsOf, fixed, literal, short, trimmed } from "#view/number.js";
import { choice, flag, formatLink, integer, number, numbers, optional, parametersOf, parseLink, steps } from "#view/parameters.js";
import { program } from "#view/program.js";
import { symbols } from "#view/slider.js";
import { arrowPath, beyondBar, columns, runningSums, signedLimit } from "#view/strip.js";

const tokens = JSON.parse(readFileSync(new URL("../../src/unrolled/tokens.json", import.meta.url)));

test("numbers: a true minus, no minus zero, powers of ten, and never a blank", () => {
  assert.equal(fixed(-0.5), "−0.50");
  assert.equal(fixed(-0.001), "0.00");
  assert.equal(fixed(0.125, 3), "0.125");
  assert.equal(fixed(-1.5e12), "−1.50 × 10¹²");
  assert.equal(fixed(Infinity), "∞");
  assert.equal(fixed(-Infinity), "−∞");
  assert.equal(fixed(NaN), "NaN");
});

test("numbers: trimmed keeps two decimals, and more only where they say something", () => {
  assert.equal(trimmed(1.1, 4), "1.10");
  assert.equal(trimmed(0.68451, 4), "0.6845");
  assert.equal(trimmed(0, 6), "0.00");
  assert.equal(trimmed(-0.205, 4), "−0.205");
});

test("numbers: at most five characters inside a mark", () => {
  for (const value of [0, -0.4, 9.994, 9.996, -99.94, 99.96, -9999.4, 123456, -9.9e200, Infinity, -Infinity, NaN]) {
    assert(short(value).length <= 6 && short(value).length > 0, `${value}: ${short(value)}`);
  }
  assert.equal(short(9.996), "10.0");
  assert.equal(short(-1234567), "−1e6");
});

test("numbers: what is too small for two decimals keeps its first digit", () => {
  assert.deepEqual([0.0042, -0.0099, 0.00996, -3e-12, 0, 17.94, NaN].map(brief),
    ["4e−3", "−1e−2", "0.01", "≈0", "0.00", "17.9", "NaN"]);
  assert.deepEqual([0.5, -0.042, 0.0031, 3e-7, 1e-30, 123, 0, NaN, Infinity].map(decimalsOf),
    [2, 3, 4, 8, 8, 2, 2, 2, 2]);
});

test("strips: sums from the last share to each, and arrows both ways", () => {
  assert.deepEqual(runningSums([1, 2, -4]), [-1, -2, -4, 0]);
  assert.deepEqual(runningSums([]), [0]);
  assert.equal(arrowPath(10, 30, 5), "M10 5H30m-4.5 -3.5l4.5 3.5l-4.5 3.5");
  assert.equal(arrowPath(30, 10, 5), "M30 5H10m4.5 -3.5l-4.5 3.5l4.5 3.5");
  assert.equal(arrowPath(30, 24, 5), "M30 5H24", "no room for a head");
});

test("strips: a number stands beyond its bar, and inside its lane", () => {
  const lane = { zero: 100, half: 40, limit: 2 };
  assert.deepEqual([1, -1, 0].map((end) => beyondBar(lane, end)), [75, 134, 95]);
  assert.deepEqual([9, -9, Infinity].map((end) => beyondBar(lane, end)), [57, 152, 57], "cut off at the end of the scale");
  assert.equal(beyondBar(lane, NaN), 95);
  assert.equal(beyondBar(lane, 1, true), 94, "a bar of a sum hangs below zero or not by what the sum is");
});

test("numbers: a literal gives the same number back", () => {
  for (const value of [1, -0.1, 0.1 + 0.2, 1e300, -7]) assert.equal(Number(literal(value)), value);
  assert.equal(literal(1), "1.0");
});

test("the printed sum is right, with as few decimals as that takes", () => {
  const sum = ([a, b, c, d, e]) => Math.tanh(a * b + c * d + e);
  let state = 7;
  const random = () => ((state = (state * 16807) % 2147483647) / 2147483647) * 4 - 2;
  let beyondTwo = 0;
  for (let k = 0; k < 2000; k++) {
    const operands = [random(), random(), random(), random(), random()];
    const { decimals, exact } = decimalsFor(operands, sum, sum(operands));
    assert(exact);
    const printed = operands.map((v) => Number(v.toFixed(decimals)));
    assert.equal(fixed(sum(printed)), fixed(sum(operands)));
    if (decimals > 2) {
      beyondTwo += 1;
      const fewer = operands.map((v) => Number(v.toFixed(decimals - 1)));
      assert.notEqual(fixed(sum(fewer)), fixed(sum(operands)));
    }
  }
  assert(beyondTwo > 50, "the case that the rule is for did not occur");
});

test("colour: text on every mark has a contrast of 4.5 in both palettes", () => {
  for (const sign of [-1, 1]) {
    for (let share = 0; share <= 1; share += 0.01) {
      const opacity = strength(share);
      const pair = textOn(sign * share, opacity).match(/on-(.)(.)/).slice(1);
      [tokens.light, tokens.dark].forEach((palette, k) => {
        const mark = blend(palette.zero, sign < 0 ? palette.negative : palette.positive, opacity);
        const text = pair[k] === "w" ? [255, 255, 255] : [0, 0, 0];
        assert(contrast(mark, text) >= 4.5, `${sign * share}: ${contrast(mark, text)}`);
      });
    }
  }
});

test("colour: the tokens are readable where they carry text, and seen where they are marks", () => {
  for (const palette of [tokens.light, tokens.dark]) {
    for (const under of ["page", "panel"]) {
      for (const text of ["ink", "soft", "accent"]) {
        const ratio = contrast(rgb(palette[text]), rgb(palette[under]));
        assert(ratio >= 4.5, `${text} on ${under}: ${ratio}`);
      }
      for (const mark of ["negative", "positive", "gate", "ghost"]) {
        const ratio = contrast(rgb(palette[mark]), rgb(palette[under]));
        assert(ratio >= 3, `${mark} on ${under}: ${ratio}`);
      }
    }
  }
});

// Viénot, Brettel and Mollon (1999): what a dichromat sees, by a matrix in linear light.
const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
const DEFICIENCIES = {
  protan: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
  deutan: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
};

test("colour: below and above zero stay apart without red or green cones", () => {
  for (const palette of [tokens.light, tokens.dark]) {
    for (const matrix of Object.values(DEFICIENCIES)) {
      const seen = (hex) => matrix.map((row) => row.reduce((sum, m, k) => sum + m * linear(rgb(hex)[k]), 0));
      const [a, b] = [seen(palette.negative), seen(palette.positive)];
      assert(Math.hypot(...a.map((v, k) => v - b[k])) > 0.25);
    }
  }
});

const parameters = [numbers("x", { min: 2, max: 3 }), number("w_h"), choice("activation", { options: ["tanh", "relu"] }),
  integer("step", { min: 1, max: 3 })];

test("links: a state survives the way through a link", () => {
  const state = { x: [1, -0.25], w_h: 1e-7, activation: "relu", step: 2 };
  assert.deepEqual(parseLink(parameters, formatLink(parameters, state)), { values: state, problems: [] });
});

test("links: what a figure cannot show is named, and the rest is taken", () => {
  const { values, problems } = parseLink(parameters, "w_h=;x=1,2,3,4;step=1.5;activation=sine;speed=3;w_h=0.5");
  assert.deepEqual(values, { w_h: 0.5 });
  assert.deepEqual(problems, [["w_h", ""], ["x", "1,2,3,4"], ["step", "1.5"], ["activation", "sine"], ["speed", "3"]]);
});

test("links: every kind of setting survives the way through a link", () => {
  const kinds = {
    plain: { kind: "number", least: 0 }, none: { kind: "number", optional: true }, list: { kind: "numbers", least: 1, most: 3 },
    whole: { kind: "whole", least: 1, most: 9 }, cuts: { kind: "steps", most: 8 }, on: { kind: "flag" }, act: { kind: "choice", options: ["tanh", "relu"] },
  };
  const made = parametersOf(kinds, ["whole"], { steps });
  assert.deepEqual(made.map(({ name }) => name), Object.keys(kinds));
  assert.deepEqual(made.filter(({ cursor }) => cursor).map(({ name }) => name), ["whole"]);
  for (const state of [
    { plain: 0.1, none: null, list: [1, -1e-9], whole: 3, cuts: [], on: true, act: "relu" },
    { plain: 0, none: -2.5, list: [0], whole: 9, cuts: [1, 4, 8], on: false, act: "tanh" },
  ]) assert.deepEqual(parseLink(made, formatLink(made, state)), { values: state, problems: [] });
});

test("parameters: what the face does not take, the front end does not take", () => {
  const refused = [
    [number("w", { min: 0, max: 1 }), [-0.1, 1.1, NaN, Infinity, "1", null, true, [1]]],
    [integer("n", { min: 1, max: 3 }), [0, 4, 1.5, NaN, "2", null]],
    [numbers("x", { min: 2, max: 3 }), [[1], [1, 2, 3, 4], [1, NaN], [1, "2"], "1,2", null]],
    [choice("act", { options: ["tanh"] }), ["relu", "", null, 1]],
    [flag("on"), [1, 0, "true", null]],
    [steps("cuts", { max: 5 }), [[0], [6], [2, 2], [3, 1], [1.5], "1", null]],
    [optional(number("held", { min: 0, max: 1 })), [-1, "none", undefined, NaN]],
  ];
  for (const [one, values] of refused) for (const value of values) assert.equal(one.valid(value), false, `${one.name}: ${value}`);
  assert.equal(optional(number("held")).valid(null), true);
  assert.equal(flag("on").parse("yes"), undefined);
});

test("columns: every step finds its own column again", () => {
  for (const [width, count] of [[290, 40], [720, 12], [320, 2]]) {
    const cols = columns(width, count, { left: 40 });
    for (let k = 0; k < count; k++) assert.equal(cols.at(cols.x(k)), k);
    assert.equal(cols.at(-5), 0);
    assert.equal(cols.at(width + 5), count - 1);
  }
});

test("the scale of signed values grows in steps, and stops", () => {
  assert.equal(signedLimit([0.2, -0.9]), 1);
  assert.equal(signedLimit([1.2]), 2);
  assert.equal(signedLimit([-17]), 20);
  assert.equal(signedLimit([1e9, Infinity, NaN]), 100);
});

test("host: listeners hear of changes, once each, until they are taken off", () => {
  const model = createModel({ w_h: 1 });
  const heard = [];
  const listener = () => heard.push(model.get("w_h"));
  model.on("change:w_h", listener);
  model.set("w_h", 2);
  model.set("w_h", 2);
  model.off("change:w_h", listener);
  model.set("w_h", 3);
  model.save_changes();
  assert.deepEqual(heard, [2]);
  assert.equal(model.get("w_h"), 3);
});

test("host: a file that is wanted comes from its own address, and after a failure once more", (t) => {
  const asked = [];
  globalThis.document = { createElement: () => ({ remove() {} }), head: { append: (script) => asked.push(script) } };
  t.after(() => delete globalThis.document);
  const home = { here: "https://a.b/c/_static/host.js?v=1", files: { room: { end: "e" } }, addresses: { room: { early: "room.early.js?v=2" } } };
  const model = createModel({});
  bringFiles(model, "room", home);
  const [wants, files] = [(name) => model.set("_wanted", name), () => model.get("_files")];
  wants("end");
  assert.deepEqual([asked, files()], [[], { end: "e" }], "it is here");
  wants("early");
  assert.deepEqual(asked.map(({ src }) => String(src)), ["https://a.b/c/_static/room.early.js?v=2"]);
  assert.deepEqual(files(), { end: "e" }, "it is not here yet");
  asked[0].onerror();
  assert.deepEqual(files(), { end: "e", early: null }, "it could not be had");
  wants("early");
  assert.deepEqual([asked.length, asked[1].src, files()], [2, asked[0].src, { end: "e" }]);
  home.files.room.early = "E";
  asked[1].onload();
  assert.deepEqual(files(), { end: "e", early: "E" });
  wants("end");
  wants("early");
  assert.equal(asked.length, 2, "it is here now");
});

test("a line is there if its conditions are, and a hole is filled as Python writes it", () => {
  const text = "x = $x\n? held\nf = $held\n? !held loud\nf = g(x)\n? \nprint(f\"{f:.2f}\", $loud)\n";
  assert.equal(program(text, { x: [1, -0.5], held: null, loud: true }), 'x = [1.0, -0.5]\nf = g(x)\nprint(f"{f:.2f}", True)\n');
  assert.equal(program(text, { x: [], held: 0, loud: false }), 'x = []\nf = 0.0\nprint(f"{f:.2f}", False)\n', "0 is a value");
  assert.equal(program(text, { x: [2], held: false, loud: false }), 'x = [2.0]\nprint(f"{f:.2f}", False)\n');
});

test("a line that ends in a backslash goes on in the next that is there", () => {
  const text = "a = b\\\n? more\n + $more\\\n? \n\nprint(a)\n";
  assert.equal(program(text, { more: "c" }), "a = b + c\nprint(a)\n");
  assert.equal(program(text, {}), "a = b\nprint(a)\n");
});

test("a letter with a subscript is set as a symbol wherever it is said", () => {
  const set = (text) => symbols(text).map((one) => (one.tag ? `<${one.tag}>${one.within}` : one)).join("|");
  assert.equal(set("Slide b_z up: dL/dw_h?"), "Slide |<i>b|<sub>z| up: dL/|d|<i>w|<sub>h|?");
  assert.equal(set("d_3 = batch_first"), "<i>d|<sub>3| = batch_first");
});
