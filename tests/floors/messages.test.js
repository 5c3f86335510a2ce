// Words as the front end reads them: the cases of messages.json, which Python reads too, and,
// where UNROLLED_MESSAGES names a file of them, what Python makes of every message of the
// package. An implementation of the whole of ICU MessageFormat says the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { IntlMessageFormat } from "intl-messageformat";

import { messages } from "#view/messages.js";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const cases = read(new URL("messages.json", import.meta.url));
const path = process.env.UNROLLED_MESSAGES;

/** A message said by the front end: without holes it is the text itself. */
function say(message, values, language) {
  const said = messages({ deep: { message } }, language).deep.message;
  return typeof said === "function" ? said(values) : said;
}

const icu = (message, language) => new IntlMessageFormat(message, language, undefined, { ignoreTag: true });

function assertSaid({ message, values, text, language = "en" }) {
  assert.equal(say(message, values, language), text, message);
  assert.equal(icu(message, language).format(values), text, `ICU: ${message}`);
}

test("a message is filled as Python fills it, and as ICU does", () => {
  for (const one of cases.said) assertSaid(one);
});

test("what Python refuses, ICU refuses too, but for what it takes for text or knows beside", () => {
  for (const { message, icu: taken = false } of cases.refused) {
    if (taken) icu(message, "en");
    else assert.throws(() => icu(message, "en"), undefined, `ICU takes ${message}`);
  }
});

test("a hole that is not filled is an error that says what was given", () => {
  for (const { message, values, said } of cases.unfilled) {
    assert.throws(() => say(message, values, "en"), (error) => error instanceof TypeError && error.message.includes(said), message);
  }
  for (const nothing of [undefined, null]) assert.throws(() => say("{n}", { n: nothing }, "en"), /wants \{n\}, and got n/);
  assert.throws(() => messages({ a: "{n}" }).a(), /wants \{n\}, and got nothing/);
});

test("a message without holes is a string, one with holes a function", () => {
  const words = messages({ plain: "Reset", presets: { one: { label: "{n}" } }, empty: {} });
  assert.equal(words.plain, "Reset");
  assert.equal(words.presets.one.label({ n: 3 }), "3");
  assert.deepEqual(words.empty, {});
  assert.deepEqual(Object.keys(words), ["plain", "presets", "empty"]);
});

test("parts leave what fills a hole as it is", () => {
  const element = { is: "an element" };
  const { a, b } = messages({ a: "from {here} to {n, plural, one {one {there}} other {{n}}}", b: "{here}" });
  const parts = a.parts({ here: element, there: element, n: 1 });
  assert.deepEqual(parts, ["from ", element, " to ", "one ", element]);
  assert.equal(parts[1], element);
  assert.deepEqual(b.parts({ here: element }), [element]);
});

test("every message of the package is the same on both sides, and in ICU", { skip: !path }, () => {
  const said = read(path);
  assert(said.length > 500);
  for (const one of said) assertSaid(one);
});
