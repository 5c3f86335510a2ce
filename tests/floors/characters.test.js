// The character model against PyTorch and NumPy, whose numbers are in the file that
// UNROLLED_CHARACTERS_FIXTURES names. tests/floors/test_characters.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ALPHABET, chanceAt, draw, encode, guessBits, logitsOf, reader, step, unpack, writeOn } from "#core/characters.js";
import { softmax } from "#core/linear.js";

const fixtures = JSON.parse(readFileSync(process.env.UNROLLED_CHARACTERS_FIXTURES, "utf8"));

function near(found, wanted, what) {
  assert.equal(found.length, wanted.length, what);
  found.forEach((one, k) => {
    const least = Math.max(1, Math.abs(wanted[k]));
    assert(Math.abs(one - wanted[k]) <= 1e-9 * least, `${what}[${k}]: ${one}, not ${wanted[k]}`);
  });
}

for (const { name, weights, text, clamp, states, logits, surprise, written } of fixtures.texts) {
  test(`a text is read as PyTorch reads it: ${name}`, () => {
    const model = unpack(weights);
    const one = reader(model, clamp);
    one.turnTo(encode(text));
    assert(one.read());
    for (const [t, wanted] of Object.entries(states)) {
      const found = one.stepAt(Number(t));
      for (const what of ["i", "f", "g", "o", "c", "h"]) {
        near(found[what], wanted[what], `${what} after letter ${t}`);
        const units = [0, 5, model.H - 1];
        near(units.map((unit) => one.valueAt(Number(t), unit, what)), units.map((unit) => wanted[what][unit]), what);
      }
      near(one.logitsAt(Number(t)), logits[t], `logits after letter ${t}`);
    }
    surprise.forEach((bits, t) => (bits === null ? assert(Number.isNaN(one.bits(t + 1))) : near([one.bits(t + 1)], [bits], `bits of letter ${t + 1}`)));
    assert(Number.isNaN(one.bits(0)));
    const { letters, ...how } = written;
    const place = encode(text).length;
    const more = writeOn(model, one.state(place - 1), { ...how, clamp, place, letters: letters.length });
    assert.equal(more.map(({ number }) => ALPHABET[number]).join(""), letters);
    one.turnTo(encode(text + letters)); // what it has written it reads as any text
    one.read();
    more.forEach(({ bits, c, h }, k) => {
      near([bits], [one.bits(place + k)], `bits of what it wrote, ${k}`);
      near(c, one.state(place + k).c, `c after what it wrote, ${k}`);
      near(h, one.state(place + k).h, `h after what it wrote, ${k}`);
    });
  });
}

for (const { weights, number, before, after } of fixtures.steps) {
  test(`a step with random weights, letter ${number}`, () => {
    const found = step(unpack(weights), number, { h: Float64Array.from(before.h), c: Float64Array.from(before.c) });
    for (const what of Object.keys(after)) near(found[what], after[what], what);
  });
}

test("chances are those of Python", () => {
  for (const { seed, place, chance } of fixtures.chances) assert.equal(chanceAt(seed, place), chance);
});

test("a guess costs what it costs in Python", () => {
  for (const [guess, share, letter, bits] of fixtures.guesses) assert(Math.abs(guessBits(guess, share, letter) - bits) <= 1e-12);
});

test("it reads on where it stopped, and only what is new", () => {
  const model = unpack(fixtures.texts[0].weights);
  const [one, fresh] = [reader(model), reader(model)];
  const numbers = encode("def spam(eggs):\n    return eggs\n".repeat(4));
  one.turnTo(numbers);
  let slices = 0;
  while (!one.read(() => (slices += 1) % 2 === 0));
  assert(slices > 4);
  const edited = numbers.slice();
  edited.splice(40, 1, 5, 6);
  one.turnTo(edited);
  assert.equal(one.length, 40);
  one.read();
  fresh.turnTo(edited);
  fresh.read();
  edited.forEach((_, t) => assert.deepEqual(one.state(t), fresh.state(t)));
});

test("softmax and draw survive what is absurd", () => {
  near(softmax(Float64Array.from([1000, 1000])), [0.5, 0.5], "large logits");
  assert.equal(draw(Float64Array.from([1, 3, 2]), 0, 0.9), 1);
  const even = new Float64Array(96);
  assert.equal(draw(even, 1, 0), 0);
  assert.equal(draw(even, 1, 1 - 2 ** -32), 95);
  assert.deepEqual(encode("a\n é😀"), [66, 0, 1, -1, -1]);
  assert.deepEqual(encode(ALPHABET), Array.from(ALPHABET, (_, k) => k));
  assert.equal(logitsOf(unpack(fixtures.texts[0].weights), new Float64Array(fixtures.texts[0].units)).length, 96);
});
