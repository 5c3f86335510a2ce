/**
 * The search page: what the reader asks for is looked up in the index that the build wrote, a
 * classic script, so that a page opened from a file finds too. MiniSearch ranks the entries; each
 * is a paragraph, a row, a heading or a word of the glossary, with an address of its own.
 */

import MiniSearch from "minisearch";
import { html } from "#view/dom.js";
import { messages } from "#view/messages.js";

const MOST = 20; // results, of which the first should be the one
const ROOM = 240; // letters of an excerpt

const EXERCISE = /^\d+\. /; // a heading that asks, and does not answer

const HANGUL = /^[가-힣]+$/;

/** A text's words; of a Hangul word, its pairs of syllables, since endings are written on to it. */
export function words(text) {
  const found = text.toLowerCase().normalize("NFC").match(/[가-힣]+|[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)*/gu) ?? [];
  return found.flatMap((word) => {
    if (HANGUL.test(word) && word.length > 1) return Array.from({ length: word.length - 1 }, (_, k) => word.slice(k, k + 2));
    return word.includes("_") ? [word, word.split("_")[0]] : [word];
  });
}

/** The sentences of a text. */
export const sentences = (text) => text.match(/[^.!?。]+(?:[.!?。]+(?=\s|$)|[.!?。](?=\S)[^.!?。]*)*[.!?。]*\s*/gu) ?? [];

/** Those sentences of a text in which most of what was asked for stands, as far as there is room. */
export function excerpt(text, asked) {
  const parts = sentences(text);
  const hits = parts.map((part) => new Set(words(part).filter((word) => asked.some((one) => word.startsWith(one)))).size);
  let first = hits.indexOf(Math.max(...hits));
  let shown = parts[first] ?? "";
  for (let next = first + 1; next < parts.length && shown.length + parts[next].length < ROOM; next += 1) shown += parts[next];
  while (first > 0 && shown.length + parts[first - 1].length < ROOM) shown = parts[(first -= 1)] + shown;
  return shown.trim();
}

/** @param {{pages: string[][], entries: (number|string)[][], common: string[]}} index */
export function engine({ pages, entries, common }) {
  const skipped = new Set(common);
  const plain = (word) => (skipped.has(word) ? null : word);
  const mini = new MiniSearch({ fields: ["term", "heading", "page", "text"], tokenize: words, processTerm: plain });
  mini.addAll(entries.map(([page, anchor, heading, term, text], id) => ({ id, anchor, page: pages[page][1], heading, term, text })));
  const options = {
    boost: { term: 4, heading: 2, page: 1.2 },
    prefix: (word) => word.length > 3,
    fuzzy: (word) => (word.length > 5 && !HANGUL.test(word) ? 0.2 : false),
    weights: { fuzzy: 0.3, prefix: 0.6 },
    boostDocument: (id) => {
      const [, , heading, term] = entries[id];
      return term ? 2 : EXERCISE.test(heading) ? 0.4 : 1;
    },
  };
  return (asked) => {
    const every = mini.search(asked, { ...options, combineWith: "AND" });
    const found = every.length > 0 ? every : mini.search(asked, options);
    const results = found.map(({ id }) => {
      const [page, anchor, heading, term, text] = entries[id];
      return { address: `${pages[page][0]}#${anchor}`, page: pages[page][1], heading, term, text };
    });
    // a heading leads nowhere that a paragraph below it does not
    const better = (one) => results.some((other) => other.text !== "" && other.page === one.page && other.heading === one.heading);
    return results.filter((one) => one.text !== "" || !better(one)).slice(0, MOST);
  };
}

/** What of a text was asked for, marked. */
function marked(text, asked) {
  return text.split(/([가-힣]+|[\p{L}\p{N}_]+)/u).map((part, k) =>
    (k % 2 && words(part).some((word) => asked.some((one) => word.startsWith(one))) ? html("mark", { text: part }) : part));
}

function show(place, found, { asked, query, told }) {
  const results = found.map(({ address, page, heading, term, text }) => html("li", {},
    html("a", { href: address }, ...marked(term || heading || page, asked)),
    html("span", { class: "where", text: term || heading ? page : "" }),
    text === "" ? null : html("p", {}, ...marked(excerpt(text, asked), asked))));
  place.replaceChildren(
    html("p", { role: "status", text: told.found({ count: found.length, query }) }),
    html("ol", {}, ...results));
}

function main() {
  const place = document.getElementById("search-results");
  const { index } = globalThis.unrolled;
  const told = messages(JSON.parse(place.dataset.words), document.documentElement.lang);
  const query = (new URLSearchParams(location.search).get("q") ?? "").trim();
  const field = document.querySelector(".bd-search-container input[name=q]");
  field.value = query;
  field.focus();
  if (query === "") return;
  const skipped = new Set(index.common);
  const asked = words(query).filter((word) => !skipped.has(word));
  show(place, engine(index)(query), { asked, query, told });
}

if (typeof document !== "undefined") main();
