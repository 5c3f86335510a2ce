// What the front end says of task shapes. test_face.py beside this runs it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { read, span, tensors } from "#core/task_shapes.js";
import { messages } from "#view/messages.js";
import { inWords, settle } from "../front.js";

const words = messages(JSON.parse(readFileSync(new URL("../words/en.json", import.meta.url), "utf8")).front);
const sizes = { batch_size: 4, features: 3, hidden_size: 6, classes: 2 };

/** Every state of up to four steps with a loss at all, at one or at none of its outputs. */
function* states() {
  for (let timesteps = 1; timesteps <= 4; timesteps++) {
    const some = (bits) => span(1, timesteps).filter((step) => (bits >> (step - 1)) % 2);
    for (let n = 0; n < 4 ** timesteps; n++) {
      const [inputs, outputs] = [some(n % 2 ** timesteps), some(n >> timesteps)];
      for (const losses of [outputs, outputs.slice(0, 1), []]) yield { timesteps, inputs, outputs, losses, ...sizes };
    }
  }
}

test("every name, every tensor has its words; every kind of name occurs", () => {
  const seen = new Set();
  for (const state of states()) {
    const { shape, without } = read(state);
    seen.add(shape);
    for (const name of [shape, without ?? shape]) assert(words.names[name], name);
    for (const { name } of tensors(state)) assert(words.tensors[name], name);
  }
  assert.deepEqual([...seen].sort(), Object.keys(words.names).sort());
});

test("steps in words", () => {
  const say = (steps, count) => inWords(words, steps, count);
  assert.equal(say([5]), "step 5");
  assert.equal(say([1, 2]), "steps 1 and 2");
  assert.equal(say([2, 3, 4]), "steps 2 to 4");
  assert.equal(say([1, 3, 4]), "steps 1, 3 and 4");
  assert.equal(say([1, 3, 4, 6]), "steps 1, 3, 4 and 6");
  assert.equal(say([1, 2, 3], 3), "every step");
  assert.equal(say([1], 1), "step 1");
  assert.equal(say([], 3), "nowhere");
});

test("a loss and its output go together; what was just set stands", () => {
  const state = { timesteps: 4, inputs: [1, 5], outputs: [4], losses: [2, 4] };
  assert.deepEqual(settle(state, { losses: state.losses }), { timesteps: 4, inputs: [1], outputs: [2, 4], losses: [2, 4] });
  assert.deepEqual(settle(state, { outputs: state.outputs }), { timesteps: 4, inputs: [1], outputs: [4], losses: [4] });
  assert.deepEqual(settle(state, state), { timesteps: 4, inputs: [1], outputs: [4], losses: [4] });
});
