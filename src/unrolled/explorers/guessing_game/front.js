/** Guess the next letter of a text, and say how sure you are: the front end of its room. */

import { ALPHABET, guessBits } from "#core/characters.js";
import { settingControl } from "#view/controls.js";
import { html, patch, repeat, sketch, svg } from "#view/dom.js";
import { placeIn } from "#view/drag.js";
import { hearing } from "#view/explorer.js";
import { fixed } from "#view/number.js";
import { numbers, parametersOf, text } from "#view/parameters.js";
import { shapeOf, within } from "#view/shape.js";
import { KEEP_KEYS } from "#view/slider.js";
import { round, textLane } from "#view/strip.js";

/** What a letter costs who knows nothing. */
const NOTHING = Math.log2(ALPHABET.length);

// --- what is computed

const mean = (costs) => costs.reduce((sum, one) => sum + one, 0) / costs.length;

/**
 * How far the text is known, `place`, and of each guess what there is to say: the `letter` that
 * came, the `guess` and its `percent`, what it `cost`, what it cost the `model`, and what that
 * `expected` most, with which `share`. `known` says whether the model has read this text.
 *
 * @param {object} state
 * @param {{readings: Record<string, object>, own?: object}} given what the face says of the presets'
 *   texts, and of another
 */
export function compute({ text: all, shown, guesses, percents, sure, look }, { own, ...readings }) {
  const begin = Math.min(shown, all.length);
  const place = Math.min(shown + guesses.length, all.length);
  const reading = Object.hasOwn(readings, all) ? readings[all] : (own?.text === all ? own : null);
  const told = Array.from(all.slice(begin, place), (letter, k) => {
    const [guess, percent, before] = [guesses[k], percents[k] ?? sure, begin + k - 1];
    return {
      letter, guess, percent, cost: guessBits(guess, percent / 100, letter),
      model: reading ? reading.bits[before] : NaN, expected: reading?.likeliest[before], share: reading?.shares[before],
    };
  });
  const at = look > 0 && look <= told.length ? look : told.length;
  const [costs, modelCosts] = [told.map(({ cost }) => cost), told.map(({ model }) => model)];
  return { known: Boolean(reading), begin, place, over: place === all.length, told, costs, modelCosts, bits: mean(costs), modelBits: mean(modelCosts), at, looked: told[at - 1] ?? null };
}

const said = (bits) => (Number.isNaN(bits) ? "–" : fixed(bits));

/** A letter in a sentence; what cannot be seen has a name. */
const spelled = (letter, words) => ({ "\n": words.lineEnd, " ": words.blank })[letter] ?? `“${letter}”`;

// --- the text, as far as it is known, and under each guessed letter what it cost

/** So many bits are as high as a bar may be, and so many lines are seen. */
const HIGHEST = 14;
const LINES = 3;
const SHAPES = {
  wide: { cell: 13, font: 18, letter: 26, band: 50, gap: 6, mean: 24, told: 25 },
  short: { cell: 9.5, font: 15, letter: 20, band: 34, gap: 4, mean: 18, told: 59 },
  narrow: { cell: 9.2, font: 15, letter: 20, band: 34, gap: 5, mean: 19, told: 59 },
};

/** The line and the column of each letter of a text, and of the one behind the last. */
function placed(known, columns) {
  let [line, column] = [0, 0];
  const places = [];
  for (const letter of `${known}?`) {
    if (column === columns) [line, column] = [line + 1, 0];
    places.push([line, column]);
    [line, column] = letter === "\n" ? [line + 1, 0] : [line, column + 1];
  }
  return places;
}

/** A bar as a background: the reader's at the left, and full; the model's at the right, and striped. */
function bars(told, { cell, band }) {
  if (!told) return "";
  const high = (bits) => (Number.isNaN(bits) ? 0 : round((band * Math.min(bits, HIGHEST)) / HIGHEST));
  return `--w:${round((cell - 3) / 2)}px;--mine:${high(told.cost)}px;--its:${high(told.model)}px;`;
}

/** How far from the top each line stands, of which those up to `given` have no bars; and the first that is seen, if all up to `last` are to be. */
function stacked(given, last, look, { letter, band, gap }) {
  const full = letter + band + gap;
  const high = (line) => (line < given ? letter : full);
  let [first, room] = [last, LINES * full - high(last)];
  while (first > 0 && room >= high(first - 1)) room -= high((first -= 1));
  first = Math.min(first, look);
  const tops = [0];
  for (let line = 0; line <= last; line++) tops.push(tops[line] + high(line));
  return { tops: tops.map((top) => top - tops[first]), height: LINES * full };
}

function lettersPart(change, ask) {
  const cells = html("code", { "aria-hidden": "true" });
  let [tops, places, size, begin, place] = [[], [], 1, 0, 0];
  cells.addEventListener("click", (event) => {
    const [x, y] = placeIn(cells, event);
    const hit = places.findIndex(([line, column]) => tops[line] <= y && y < tops[line + 1] && column === Math.floor(x / size));
    if (hit === place) ask();
    else if (hit >= begin) change({ look: hit - begin + 1 });
  });
  return {
    element: cells,
    update({ state, result, width }, shape) {
      ({ begin, place } = result);
      size = shape.cell;
      const known = state.text.slice(0, place);
      places = placed(known, Math.floor(width / size));
      if (result.over) places.pop();
      const chosen = result.at ? begin + result.at - 1 : places.length - 1;
      const lines = stacked(places[Math.min(begin, places.length - 1)]?.[0], places.at(-1)?.[0] ?? 0, places[chosen]?.[0] ?? 0, shape);
      ({ tops } = lines);
      patch(cells, { style: `height:${lines.height}px;font-size:${shape.font}px;line-height:${shape.letter}px` });
      repeat(cells, places.length, () => html("span")).forEach((cell, k) => {
        const [line, column] = places[k];
        const told = k < place ? result.told[k - begin] : null;
        const seen = known[k] === "\n" ? (told ? "↵" : "") : known[k];
        patch(cell, {
          class: k === place ? "asked" : told ? (k === chosen ? "guessed chosen" : "guessed") : null,
          "data-wrong": Boolean(told && told.guess !== told.letter),
          style: `left:${round(column * size)}px;top:${tops[line]}px;width:${size}px;height:${shape.letter + (told ? shape.band : 0)}px;${bars(told, shape)}`,
          text: k === place ? "?" : seen,
        });
      });
    },
  };
}

/** Three bars: what a letter costs you on average, and the model, and who knows nothing. */
function meansPart(words) {
  const names = textLane({ class: "names" });
  const values = textLane({ class: "values" });
  const [mine, its, nothing, cut] = ["mine", "its", "nothing", "u-cut"].map((look) => svg("path", { class: look }));
  const element = svg("svg", { role: "img" }, mine, its, nothing, cut, names.element, values.element);
  return {
    element,
    update({ result, width, label }, { mean: pitch }) {
      const [left, right] = [66, width - 48];
      const rows = [[mine, result.bits, words.you], [its, result.modelBits, words.model], [nothing, NOTHING, words.nothing]];
      const height = rows.length * pitch + 4;
      patch(element, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": label });
      const y = (n) => round((n + 0.5) * pitch + 3);
      const end = (bits) => left + (right - left) * within(bits / (NOTHING * 1.1), [0, 1]);
      rows.forEach(([path, bits], n) => patch(path, { d: bits >= 0 ? `M${left} ${y(n)}H${round(end(bits))}` : "" }));
      patch(cut, { d: rows.map(([, bits], n) => (bits > NOTHING * 1.1 ? `M${right - 8} ${y(n) + 8}l4 -16m4 0l-4 16` : "")).join("") });
      names.update(rows.map(([, , name], n) => [0, y(n) + 4, name]));
      values.update(rows.map(([, bits], n) => [width, y(n) + 4, said(bits)]));
    },
  };
}

/** What came, and what it cost, of the guess that is looked at. */
function toldOf({ result: { looked, known } }, words) {
  if (!looked) return words.ahead;
  const { letter, guess, cost, model, expected, share } = looked;
  return words.told({
    right: letter === guess ? "yes" : "no", letter: spelled(letter, words), guess: spelled(guess, words), cost: said(cost),
    known: known ? "yes" : "no", model: said(model), expected: known ? spelled(expected, words) : "", share: Math.round(100 * share),
  });
}

function stage({ change, words, root }) {
  const letters = lettersPart(change, () => root().querySelector(".typed").focus());
  const means = meansPart(words);
  const told = html("p", { class: "told" });
  return {
    element: html("div", { class: "u-field" }, letters.element, means.element, told),
    update(view) {
      const shape = SHAPES[shapeOf(view)];
      letters.update(view, shape);
      means.update(view, shape);
      patch(told, { text: toldOf(view, words), style: `height:${shape.told + (view.width < 300 ? 19 : 0)}px` });
    },
  };
}

// --- the controls

/** So much surer an arrow key makes. */
const STEP = 5;
const surer = (sure, up, { least, most }) => within(up ? STEP * Math.floor(sure / STEP + 1) : STEP * Math.ceil(sure / STEP - 1), [least, most]);

/** Where a letter is typed; blank and the end of a line have buttons, too. */
function guessPart({ change, current, say, settings, words }, known) {
  /** One letter is guessed; says whether it is the right one. */
  function guess(letter) {
    const state = current();
    const { begin, place, over } = compute(state, known());
    if (over || !ALPHABET.includes(letter)) {
      say(over ? words.over : words.unknown({ letter }));
      return false;
    }
    const percents = Array.from({ length: place - begin }, (_, k) => state.percents[k] ?? state.sure);
    change({ guesses: state.guesses.slice(0, place - begin) + letter, percents: [...percents, state.sure], look: 0 });
    return letter === state.text[place];
  }
  const field = html("textarea", {
    class: "typed", rows: 1, "aria-label": words.guessControl, autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", ...KEEP_KEYS,
    onfocus: () => field.scrollIntoView({ block: "nearest", behavior: "instant" }), // Chromium leaves a textarea under the drawing
    oninput() {
      const typed = [...field.value];
      field.value = "";
      typed.every(guess); // of several at once, as many as are right, and the first that is not
    },
    onkeydown(event) {
      if (!["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      change({ sure: surer(current().sure, event.key === "ArrowUp", settings.sure) });
    },
  });
  // the field keeps the focus, and a phone its keyboard
  const button = (name, letter) => html("button", { type: "button", text: name, onclick: () => guess(letter), onmousedown: (event) => event.preventDefault(), ...KEEP_KEYS });
  return {
    element: html("div", { class: "guess" }, html("span", { class: "u-symbol", "aria-hidden": "true", text: words.guessLabel }), field,
      button(words.blank, " "), button(words.lineEnd, "\n")),
    update: () => {},
  };
}

/** What the next letter will cost, either way. */
function stakesPart(words) {
  const element = html("p", { class: "u-meaning stakes" });
  const cost = (sure, letter) => fixed(guessBits("a", sure / 100, letter));
  return { element, update: ({ state: { sure }, result: { over } }) => patch(element, { text: over ? words.over : words.stakes({ percent: sure, right: cost(sure, "a"), wrong: cost(sure, "b") }) }) };
}

/** From one guess to another, without a mouse. */
function lookPart({ change, current, words }, known) {
  const go = (by) => {
    const { at, told } = compute(current(), known());
    const next = Math.max(1, at + by);
    change({ look: next >= told.length ? 0 : next });
  };
  const button = (name, by) => html("button", { type: "button", class: "u-action", text: name, onclick: () => go(by), ...KEEP_KEYS });
  return { element: html("div", { class: "u-choices looking" }, button(words.earlier, -1), button(words.later, 1)), update: () => {} };
}

// --- the words

const staked = (percent, right) => (right ? `−log₂ ${fixed(percent / 100)}` : `−log₂ (${fixed(1 - percent / 100)} / 95)`);

/** A probability with as many digits as give the bits that are shown. */
function digits(bits) {
  const p = 2 ** -bits;
  for (let n = 3; n < 9; n++) if (fixed(-Math.log2(Number(p.toPrecision(n)))) === fixed(bits)) return String(Number(p.toPrecision(n)));
  return p.toPrecision(9);
}

/** How it is reckoned: of the guess that is looked at, or of the next one. */
function formula({ state, result: { looked, at, told, known }, words }) {
  const row = (text, sum) => sketch("div", {}, sketch("span", { text }), " ", sum === undefined ? "" : sketch("b", { text: sum }));
  const { formula: say } = words;
  const nothing = row(say.nothing, `log₂ 96 = ${fixed(NOTHING)}`);
  if (!looked) {
    const [right, wrong] = ["a", "b"].map((letter) => fixed(guessBits("a", state.sure / 100, letter)));
    return [row(say.yet), row(say.if({ percent: state.sure }), `${staked(state.sure, true)} = ${right}`), row(say.else, `${staked(state.sure, false)} = ${wrong}`), nothing];
  }
  const { letter, guess, percent, cost, model } = looked;
  return [
    row(say.letter({ n: at, all: told.length, letter: spelled(letter, words) })),
    row(say.you({ guess: spelled(guess, words), percent }), `${staked(percent, guess === letter)} = ${fixed(cost)}`),
    row(say.model({ p: known ? digits(model) : "–" }), known ? `−log₂ ${digits(model)} = ${fixed(model)}` : "–"),
    nothing,
  ];
}

function summary({ state, result, words }) {
  const { place, over, bits, modelBits, told } = result;
  const [, { length: indent }, line] = /^( *)(.*)$/.exec(state.text.slice(0, place).split("\n").at(-1));
  return words.summary({
    guessed: told.length, last: toldOf({ result }, words), bits: said(bits), model: said(modelBits),
    over: over ? "yes" : "no", indent, line,
  });
}

const literal = (letters) => JSON.stringify(letters);

function copyPython({ text: all, shown, guesses, percents, sure }, words) {
  return `# ${words.comment}
from unrolled import characters

text, shown = ${literal(all)}, ${shown}
guesses = ${literal(guesses)}[: max(0, len(text) - shown)]
percents = ${JSON.stringify(Array.from(guesses, (_, k) => percents[k] ?? sure))}
surprise = characters.read(characters.load(), text).surprise[shown - 1 :]
mine = [
    characters.guess_bits(guess, percent / 100, letter)
    for guess, percent, letter in zip(guesses, percents, text[shown:])
]
if mine:
    print(f"you {sum(mine) / len(mine):.2f}")
    print(f"the model {surprise[: len(mine)].mean():.2f}")
`;
}

export const code = { copyPython };

/** What was computed, by the names that the face has for it. */
export const names = (state, { place, costs, modelCosts, bits, modelBits }) => ({ place, costs, model_costs: modelCosts, bits, model_bits: modelBits });

function parametersWith({ text: { most }, sure, shown, look }) {
  const fits = (value) => [...value].every((letter) => ALPHABET.includes(letter));
  const list = numbers("percents", { min: 0, max: most });
  return [
    text("text", { max: most, fits }), text("guesses", { max: most, fits }),
    { ...list, valid: (value) => list.valid(value) && value.every((one) => one >= sure.least && one <= sure.most), parse: (given) => (given === "" ? [] : list.parse(given)) },
    ...parametersOf({ sure, shown, look }, ["look"]),
  ];
}

export default {
  render({ model, el }) {
    const { results, settings } = model.get("_room");
    const known = () => ({ ...results, own: model.get("_expected") });
    return hearing("_expected", {
      parameters: parametersWith(settings),
      compute: (state) => compute(state, known()),
      names,
      stage: (tools) => stage({ ...tools, root: () => el }),
      controls: (tools) => [guessPart(tools, known), settingControl(tools, "sure", { symbol: tools.words.sureLabel, label: tools.words.sureControl })],
      after: ({ words }) => stakesPart(words),
      choice: (tools) => lookPart(tools, known),
      status: ({ result, words }) => (result.known ? null : words.unread),
      formula,
      summary,
      code,
    }).render({ model, el });
  },
};
