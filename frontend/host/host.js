/**
 * The static page's host. An explorer's place on the page holds its opening state as
 * JSON and a picture; here the state becomes a model, in the form that anywidget's
 * front-end modules expect, and the explorer is rendered beside the picture, which the
 * style sheet then hides. If anything goes wrong, the picture stays.
 *
 * One classic deferred script, after the explorers' own: modules are blocked on file://.
 */

/** A model over plain values: get, set, on, off, save_changes; listeners hear of real changes. */
export function createModel(values) {
  const state = { ...values };
  const listeners = new Map();
  const emit = (event) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener();
  };
  return {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      emit(`change:${name}`);
    },
    on(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    off(event, listener) {
      listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== listener));
    },
    save_changes() {},
  };
}

/** Bring one place to life. */
function start(place, explorers) {
  const explorer = explorers[place.dataset.explorer];
  if (!explorer) throw new Error(`no explorer “${place.dataset.explorer}” was loaded on this page`);
  const el = document.createElement("div");
  el.className = "unrolled-live";
  const model = createModel(JSON.parse(place.querySelector('script[type="application/json"]').textContent));
  place.append(el);
  place.dataset.live = "true";
  try {
    explorer.render({ model, el });
  } catch (error) {
    delete place.dataset.live;
    el.remove();
    throw error;
  }
  place.model = model;
}

/** Bring all to life, one after another, so that the first answers while others are drawn. */
function startAll(places, explorers) {
  if (places.length === 0) return;
  try {
    start(places[0], explorers);
  } catch (error) {
    console.error(error);
  }
  setTimeout(() => startAll(places.slice(1), explorers));
}

if (typeof document !== "undefined") {
  startAll([...document.querySelectorAll("[data-explorer]")], globalThis.unrolled?.explorers ?? {});
}
