/**
 * The static page's host. An explorer's place on the page holds its opening state as JSON and
 * a picture; what the page says of its room, words and settings, stands there once. Here they
 * become a model, in the form that anywidget's front-end modules expect, and the explorer is
 * rendered in the picture's place. The picture waits in a template, since its parts would be
 * walked over with every change of the page, and comes back for print. If anything goes wrong,
 * it stays.
 *
 * One classic script: modules are blocked on file://. It and the explorers' own may come in any
 * order, and before the page has been read to its end.
 */

import { attempt } from "#view/host.js";
import { answering, tellCount } from "./answers.js";

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

/**
 * A file that a room wants later than its first comes as a script, and is the model's then. One
 * that could not be had is null until it is wanted again.
 */
export function bringFiles(model, kind, home) {
  const tell = (missed) => model.set("_files", { ...missed, ...home.files?.[kind] });
  tell();
  model.on("change:_wanted", () => {
    const name = model.get("_wanted");
    tell();
    if (!name || model.get("_files")[name]) return;
    const script = document.createElement("script");
    script.src = new URL(home.addresses[kind][name], home.here);
    script.onload = script.onerror = () => {
      script.remove();
      model.set("_wanted", "");
      tell({ [name]: null });
    };
    document.head.append(script);
  });
}

const read = (element) => JSON.parse(element.textContent);

/** What the page says of a room, with what it says of all. */
function roomOf(name) {
  const [shared, room] = ["", name].map((one) => read(document.querySelector(`script[data-unrolled-room="${one}"]`)));
  return { ...shared, ...room, words: { ...shared.words, ...room.words } };
}

/** Where the picture waits while the explorer is alive: in a template, out of the page. */
const shelfOf = (place) => place.querySelector(":scope > template") ?? place.appendChild(document.createElement("template"));

/** On a screen, the picture of what is alive is out of the page; on paper, it is there. */
function shelve(place, onPaper) {
  const shelf = shelfOf(place);
  const [from, to] = onPaper || !place.dataset.live ? [shelf.content, place] : [place, shelf.content];
  for (const picture of [...from.children].filter((one) => one.matches(".unrolled-picture, .unrolled-asked"))) to.append(picture);
}

/** Bring one place to life; one that is alive begins anew, as the page opened it. */
function start(place, explorers) {
  const kind = place.dataset.explorer;
  const explorer = explorers[kind];
  if (!explorer) throw new Error(`no explorer “${kind}” was loaded on this page`);
  place.stop?.();
  const el = document.createElement("div");
  el.className = "unrolled-live";
  const [values, room] = [read(place.querySelector("script")), roomOf(kind)];
  const model = createModel({ ...values, _room: room, _task: values._task ?? {} });
  bringFiles(model, kind, globalThis.unrolled);
  const restore = answering(place, model, values, room);
  place.append(el);
  place.dataset.live = "true";
  const stop = () => {
    delete place.dataset.live;
    shelve(place);
    el.remove();
  };
  try {
    const end = explorer.render({ model, el });
    place.stop = () => {
      end();
      stop();
    };
  } catch (error) {
    stop();
    throw error;
  }
  place.model = model;
  restore();
  shelve(place, matchMedia("print").matches);
}

/**
 * A page that is opened once more, as by a phone that had put it away, is to stand where it was
 * left: until a figure lives, its place is as high as the figure was.
 */
function standWhereItWas() {
  const key = () => `unrolled heights ${location.pathname} ${innerWidth}`;
  attempt(() => {
    const sheet = new CSSStyleSheet({ media: "screen" });
    for (const [id, height] of Object.entries(JSON.parse(sessionStorage.getItem(key())))) {
      sheet.insertRule(`#${CSS.escape(id)}:not([data-live]){height:${height}px;overflow:clip}`);
    }
    document.adoptedStyleSheets.push(sheet);
  });
  addEventListener("pagehide", () => {
    const heights = [...document.querySelectorAll("[data-live]")].map((place) => [place.id, place.getBoundingClientRect().height]);
    attempt(() => sessionStorage.setItem(key(), JSON.stringify(Object.fromEntries(heights))));
  });
}

/** Whether a place has been read to its end: something comes after it, or all is read. */
function isRead(place) {
  for (let node = place; node; node = node.parentNode) if (node.nextSibling) return true;
  return document.readyState !== "loading";
}

/** A drawing is measured as the page's style has it. */
const isStyled = () => [...document.querySelectorAll("link[rel=stylesheet]")].every(({ sheet }) => sheet);

/**
 * Bring all to life, one after another, so that the first answers while others are drawn, and
 * the first before the page has been read to its end.
 */
function lifeOf(home) {
  const begun = new WeakSet();
  let timer = 0;
  const hasFile = ({ dataset: { explorer, needs } }) => !needs || home.files?.[explorer]?.[needs] !== undefined;
  const isHere = (place) => home.explorers?.[place.dataset.explorer] && hasFile(place) && isRead(place) && isStyled();
  function next() {
    timer = 0;
    const last = document.readyState === "complete"; // what is not here now never will be
    const place = [...document.querySelectorAll("[data-explorer]")].find((one) => !begun.has(one) && (last || isHere(one)));
    if (place) {
      begun.add(place);
      try {
        start(place, home.explorers ?? {});
      } catch (error) {
        console.error(error);
      }
    }
    if (place || document.readyState === "loading") look(place ? 0 : 40);
    else tellCount(home.start);
  }
  function look(after = 0) {
    timer ||= setTimeout(next, after);
  }
  return look;
}

if (typeof document !== "undefined") {
  const home = (globalThis.unrolled ??= {});
  home.here = document.currentScript.src; // a room's files are found beside this script
  home.start = (place) => {
    start(place, home.explorers ?? {});
    tellCount();
  };
  home.look = lifeOf(home);
  standWhereItWas();
  const shelveAll = (onPaper) => {
    for (const place of document.querySelectorAll("[data-live]")) shelve(place, onPaper);
  };
  addEventListener("beforeprint", () => shelveAll(true));
  addEventListener("afterprint", () => shelveAll(false));
  matchMedia("print").addEventListener("change", ({ matches }) => shelveAll(matches));
  addEventListener("load", () => home.look());
  home.look();
}
