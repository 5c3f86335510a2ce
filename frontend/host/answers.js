/**
 * What a reader answers, where no kernel listens: the page says what the chapter's check says to
 * it, keeps it on this device alone, where the browser keeps anything, and tells at the chapter's
 * head, and below its last question, how much has been answered, with *Copy my answers* and *Clear*.
 */

import { attempt, copy } from "#view/host.js";
import { messages } from "#view/messages.js";
import { judge } from "./verdicts.js";

const SPACE = "unrolled answers ";

const chapterOf = ({ id }) => id.split(".")[0];
const places = () => [...document.querySelectorAll("[data-explorer]")].filter(({ task }) => task);
const kept = (chapter) => attempt(() => JSON.parse(localStorage.getItem(SPACE + chapter))) ?? {};

function keep({ id }, answer) {
  const chapter = chapterOf({ id });
  attempt(() => localStorage.setItem(SPACE + chapter, JSON.stringify({ ...kept(chapter), [id]: answer })));
}

/**
 * Lets the page answer in a kernel's stead: `_said` follows `answer`, or, of a figure that is to
 * be set right, `_asked`. Returns what brings back what was answered before.
 */
export function answering(place, model, { _task: task }, { language, settings }) {
  place.task = task;
  place.answered = undefined;
  if (!task) return () => {};
  const say = judge(task, language);
  const isFigure = !task.rule.form;
  const now = () => (isFigure ? Object.fromEntries(Object.keys(settings).map((name) => [name, model.get(name)])) : model.get("answer"));
  let knows;
  model.knows = (given) => (knows = given);
  function reply(again) {
    const answer = now();
    if (answer === null) return;
    const said = say(answer, knows);
    place.answered = { answer, ...said };
    model.set("_said", { ...said, again });
    keep(task, answer);
    tellCount();
  }
  model.on(isFigure ? "change:_asked" : "change:answer", () => reply(false));
  return () => {
    const before = kept(chapterOf(task))[task.id];
    if (before === undefined) return;
    for (const [name, value] of Object.entries(isFigure ? before : { answer: before })) model.set(name, value);
    if (isFigure) reply(true);
  };
}

function plain(value) {
  if (Array.isArray(value)) return `(${value.map(plain).join(", ")})`;
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : (value ?? "–");
}

/** What was answered, as it is read: a row of a table each, and of a figure what was moved. */
function given({ rule, options = {}, rows = {} }, answer, opened) {
  const said = (value) => options[value] ?? plain(value);
  if (rule.form === "choice") return `${answer}. ${said(answer)}`;
  if (answer === null || typeof answer !== "object") return said(answer);
  if (rule.form) return Object.entries(answer).map(([row, value]) => `${rows[row] ?? row} → ${said(value)}`).join("\n");
  const moved = ([name, value]) => JSON.stringify(value) !== JSON.stringify(opened[name]);
  return Object.entries(answer).filter(moved).map(([name, value]) => `${name} = ${said(value)}`).join("\n");
}

/** The answers as a student hands them in: plain text, a paragraph for each question. */
function asText(title, count, words) {
  const paragraphs = places().map((place) => {
    const { task, answered } = place;
    const opened = JSON.parse(place.querySelector("script").textContent);
    const lines = answered ? [given(task, answered.answer, opened), answered.text] : [words.notAnswered];
    return [task.label, ...lines].filter(Boolean).join("\n");
  });
  return [`${title}\n${count}`, ...paragraphs].join("\n\n");
}

let begin = null; // brings a place to life anew

const tried = () => places().filter(({ answered }) => answered);

function countOf(words) {
  const right = tried().filter(({ answered }) => answered.verdict === "right").length;
  return words.count({ right, all: places().length });
}

/** Both ends of a chapter say how many questions have been answered; `start` is kept for *Clear*. */
export function tellCount(start = begin) {
  begin = start;
  if (!begin) return;
  const ends = [...document.querySelectorAll("[data-unrolled-answers]")];
  if (!ends.length) return;
  const words = messages(JSON.parse(ends[0].dataset.unrolledAnswers), document.documentElement.lang);
  const mayKeep = attempt(() => localStorage.setItem(SPACE, "") ?? localStorage.removeItem(SPACE) ?? true);
  for (const end of ends) {
    if (!end.querySelector("button")) end.append(...buttonsOf(end, ends[0].dataset.title, words));
    end.querySelector("p").textContent = `${countOf(words)} ${mayKeep ? words.kept : words.forgetful}`;
    for (const button of end.querySelectorAll("button")) button.disabled = tried().length === 0;
  }
}

function buttonsOf(end, title, words) {
  const button = (text, action) => Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: action });
  const shown = document.createElement("textarea");
  Object.assign(shown, { readOnly: true, hidden: true, rows: 8 });
  shown.setAttribute("aria-label", words.copy);
  async function copyAll() {
    shown.value = asText(title, countOf(words), words);
    const done = await copy(shown.value);
    end.querySelector("p").textContent = `${countOf(words)} ${done ? words.copied : words.copyFailed}`;
    shown.hidden = done;
    if (!done) shown.select();
  }
  function clear() {
    const all = places();
    for (const { task } of all) attempt(() => localStorage.removeItem(SPACE + chapterOf(task)));
    for (const one of document.querySelectorAll("[data-unrolled-answers] textarea")) one.hidden = true;
    all.forEach(begin);
    tellCount();
  }
  return [button(words.copy, copyAll), button(words.clear, clear), shown];
}
