// One page of pictures at a time. A key acts on the picture in the frame, then moves on; what is
// decided goes to the catalogue at once, in the order in which it was decided.

import { $, captioned, describe, element, family, list, paired, precisionTables, sides, suggestion } from "./elements.js";
import { fitting, relabelling } from "./labels.js";

const KEYS = [
  ["k", "keep"], ["d", "drop"], ["t", "take the suggested label"], ["l", "relabel"], ["1 … 9", "relabel to the label of that number; in a family: keep the picture of that number"],
  ["s", "duplicate"], ["f", "not a duplicate"], ["u", "undo"], ["Shift+K", "keep the rest of the page"],
  ["n / p", "next, previous page"], ["arrows", "move"], ["space", "look closer"], ["/", "find a label"],
  ["i", "precision so far"], ["?", "these keys"],
];
// What the buttons at the foot do, by the kind of queue.
const BUTTONS = {
  picture: [["k", "keep"], ["d", "drop"], ["l", "relabel"]],
  pair: [["s", "duplicate"], ["f", "not a duplicate"]],
  family: [],
};
const SAID = { keep: "kept", drop: "dropped", same: "duplicates", different: "not duplicates", keeper: "kept in its family's place" };
const ENLARGED = 3; // times, at most: a preview of 160 pixels is hard to judge as it is
const PER_PAGE = { picture: 120, pair: 40, family: 30 };
const now = { view: null, label: "", starts: [-1], entries: [], onward: null, total: 0, here: 0, labels: [], queues: {} };
const kind = () => { const queue = now.queues[now.view]; return queue.pairs ? "pair" : queue.families ? "family" : "picture"; };
const of = (entry) => entry.members ?? (entry.other ? [entry, entry.other] : [entry]);
let line = Promise.resolve(); // decisions go out one after another

async function ask(path, body) {
  const options = body && {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("pixset no longer answers: is `pixset review` still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// A word at the foot, gone by itself; with a step it can be taken back from there.
function toast(text, step = null) {
  $("toast").querySelector("[role=status]").textContent = text;
  $("toast-undo").hidden = step === null;
  $("toast-undo").onclick = () => { $("toast").hidden = true; tell({ do: "undo", step }); focusHere(); };
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 6000);
}

// ── what the page shows ────────────────────────────────────────────────────────────────

function showSummary(summary) {
  now.labels = summary.labels;
  now.queues = Object.fromEntries(summary.queues.map((queue) => [queue.name, queue]));
  $("name").textContent = summary.name;
  document.title = `${summary.name} · pixset review`;
  list($("views"), summary.queues
    .filter(({ name }) => name !== "test" || summary.sides.test)
    .map(({ name, title }) => [name, title, summary.counts[name]]), now.view, (view) => choose("view", view));
  $("choose").textContent = `☰ ${now.queues[now.view].title} · ${now.label || "all labels"}`;
  $("sides").replaceChildren(...sides(summary.sides));
  showLabels();
}

function showLabels() {
  const text = $("label-search").value;
  const shown = fitting(now.labels, text);
  const all = text.trim() ? [] : [["", "all labels", ""]];
  list($("labels"), [...all, ...shown.map((label) => [label, label, numberOf(label)])],
    now.label, (label) => choose("label", label));
  $("labels-none").hidden = shown.length > 0;
}

const numberOf = (label) => { const n = now.labels.indexOf(label); return n < 9 ? n + 1 : ""; };

function choose(key, value) {
  Object.assign(now, { [key]: value, starts: [-1] });
  openChoice(false);
  load();
}

function openChoice(open) {
  document.body.classList.toggle("choosing", open);
  $("choose").setAttribute("aria-expanded", open);
}

function figureOf(n) {
  const entry = now.entries[n];
  const make = {
    picture: () => captioned(entry, now.view),
    pair: () => paired(entry, (word) => { move(n); act(word); }),
    family: () => family(entry, (member) => { move(n); keepMember(member); }),
  };
  const figure = make[kind()]();
  figure.tabIndex = -1;
  figure.onclick = () => move(n);
  figure.ondblclick = zoom;
  return figure;
}

function draw() {
  $("grid").className = `${kind()}-grid`;
  $("grid").replaceChildren(...now.entries.map((_, n) => figureOf(n)));
  $("empty").hidden = now.entries.length > 0;
  $("empty").textContent = now.label && now.total === 0 ? `Nothing of ${now.label} here.` : now.queues[now.view].done;
  const page = now.starts.length > 1 ? `page ${now.starts.length}: ` : "";
  $("where").textContent = now.entries.length ? `${page}${now.entries.length} of ${now.total}` : "";
  $("back").disabled = now.starts.length < 2;
  showNext();
  $("rest").hidden = kind() !== "picture" || now.view === "dropped" || !now.entries.length;
  const suggested = kind() === "picture" && now.entries.some(suggestion) ? [["t", "take the suggestion"]] : [];
  const buttons = now.entries.length ? [...BUTTONS[kind()], ...suggested] : [];
  for (const place of [$("actions"), $("zoom").querySelector(".actions")]) {
    place.replaceChildren(...buttons.map(([key, text]) => element("button",
      { onclick: () => ACTIONS[key]() }, `${text} `, element("kbd", { textContent: key }))));
  }
  $("zoom").querySelector(".actions").append(element("button", { onclick: () => $("zoom").close() },
    "close ", element("kbd", { textContent: "space" })));
  move(Math.min(now.here, Math.max(0, now.entries.length - 1)));
}

// On the last page it brings what is left, once something of it is decided.
function showNext() {
  const decided = (entry) => (entry.other ? entry.same !== null : of(entry).every((one) => one.state !== "open"));
  $("next").disabled = now.onward === null && !($("open").checked && now.entries.some(decided));
}

function redraw(n) {
  const old = $("grid").children[n];
  const fresh = figureOf(n);
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  mark(n, n === now.here);
  showNext();
  if (focused) focusHere();
}

function focusHere() {
  ($("grid").children[now.here] ?? $("grid")).focus({ preventScroll: true });
}

function mark(n, here) {
  const figure = $("grid").children[n];
  figure?.classList.toggle("here", here);
  if (figure) figure.tabIndex = here ? 0 : -1; // Tab comes to the one in the frame
  return figure;
}

function move(n) {
  if (n < 0 || n >= now.entries.length) return;
  mark(now.here, false);
  now.here = n;
  const figure = mark(n, true);
  figure.scrollIntoView({ block: "nearest" });
  if ($("zoom").open) showClose();
  else if (!document.querySelector("dialog[open]")) focusHere();
}

function showClose() {
  const entry = of(now.entries[now.here])[0];
  const img = $("zoom").querySelector("img");
  img.onload = () => { img.style.width = `${ENLARGED * img.naturalWidth}px`; };
  img.src = `image/${entry.sha}.jpg`;
  $("zoom").querySelector("p").textContent = `${entry.label} · ${entry.state} · ${describe(entry)}`;
}

function zoom() {
  if (!now.entries[now.here]) return;
  showClose();
  $("zoom").showModal();
  $("zoom").querySelector(".actions button:last-child").focus();
}

function open(dialog) {
  dialog.showModal();
  dialog.scrollTop = 0; // its focus is on the button at its end, what it says begins at its top
}

async function showPrecision() {
  try {
    const { rows } = await ask("api/precision");
    $("precision-tables").replaceChildren(...precisionTables(rows));
    open($("precision"));
  } catch (error) {
    toast(error.message);
  }
}

async function load() {
  try {
    const summary = await ask("api/summary");
    // val first, then the first queue in which something is open
    now.view = summary.queues.some(({ name }) => name === now.view) ? now.view
      : ["val", ...summary.queues.filter((q) => !q.pairs && !q.families && !q.keeps_reviewed).map((q) => q.name)]
        .find((name) => summary.counts[name]) ?? "all";
    showSummary(summary);
    const asked = new URLSearchParams({
      view: now.view, label: now.label, open: $("open").checked ? "1" : "0",
      after: now.starts.at(-1), count: PER_PAGE[kind()],
    });
    const page = await ask(`api/page?${asked}`);
    Object.assign(now, page, { here: 0 });
    history.replaceState(null, "", `#${new URLSearchParams({ view: now.view, label: now.label })}`);
    draw();
    document.querySelector("main").scrollTop = 0;
    focusHere();
  } catch (error) {
    toast(error.message);
  }
}

// ── what the person decides ────────────────────────────────────────────────────────────

function act(word, extra = {}) {
  const entry = now.entries[now.here];
  if (!entry) return;
  const pair = word === "same" || word === "different";
  if (kind() !== (pair ? "pair" : "picture")) return;
  const n = now.here;
  tell({ do: word, shas: of(entry).slice(0, pair ? 2 : 1).map((one) => one.sha), ...extra });
  if (pair) entry.same = word === "same";
  else entry.state = word === "drop" ? "dropped" : "kept";
  redraw(n);
  move(n + 1);
}

function keepMember(member) {
  const { members } = now.entries[now.here];
  if (member >= members.length) return;
  const others = members.filter((_, n) => n !== member);
  tell({ do: "keeper", shas: [members[member].sha, ...others.map((one) => one.sha)] });
  members.forEach((one, n) => { one.state = n === member ? "kept" : "dropped"; });
  redraw(now.here);
  move(now.here);
}

function take(changed, pair) {
  const fresh = new Map(changed.map((one) => [one.sha, one]));
  now.entries.forEach((entry, n) => {
    const mine = of(entry).filter((one) => fresh.has(one.sha));
    mine.forEach((one) => Object.assign(one, fresh.get(one.sha)));
    if (entry.other && mine.length === 2 && changed.length === 2) entry.same = pair;
    if (mine.length) redraw(n);
  });
}

function tell(request) {
  line = line.then(async () => {
    const answer = await ask("api/say", request);
    take(answer.changed, answer.pair);
    const many = `${answer.changed.length} picture${answer.changed.length === 1 ? "" : "s"}`;
    if (request.do === "undo") {
      toast(answer.changed.length ? `taken back: ${many}` : "nothing to take back");
      const back = now.entries.findIndex((entry) => of(entry).some((one) => answer.changed.some((c) => c.sha === one.sha)));
      if (back >= 0) move(back);
    } else {
      const what = request.do === "relabel" ? `now ${request.label}` : SAID[request.do];
      toast(request.shas.length > 1 && request.do === "keep" ? `${what}: ${many}` : what, answer.step);
    }
    showSummary(answer.summary);
  }).catch((error) => { toast(error.message); load(); });
}

function keepRest() {
  const open = now.entries.filter((entry) => entry.state === "open");
  if (kind() === "picture" && open.length) tell({ do: "keep", shas: open.map((entry) => entry.sha) });
}

const askLabel = relabelling(() => now.labels, (label) => act("relabel", { label }));
const isTyping = (target) => target.matches("input[type=range], input[type=search], #filter");

const ACTIONS = {
  t: () => { const label = suggestion(now.entries[now.here]); if (label) act("relabel", { label }); },
  k: () => act("keep"), d: () => act("drop"), x: () => act("drop"), s: () => act("same"), f: () => act("different"),
  u: () => tell({ do: "undo" }), K: keepRest, " ": () => ($("zoom").open ? $("zoom").close() : zoom()),
  n: () => next(), p: () => back(), "?": () => open($("help")), i: showPrecision,
  "/": () => { openChoice(true); $("label-search").focus(); },
  l: () => { if (now.entries.length && kind() === "picture") { $("zoom").close(); askLabel(); } },
  ArrowLeft: () => move(now.here - 1), ArrowRight: () => move(now.here + 1),
  ArrowUp: () => move(now.here - across()), ArrowDown: () => move(now.here + across()),
};

function across() {
  const [first, ...rest] = $("grid").children;
  const below = rest.findIndex((figure) => figure.offsetTop > first.offsetTop);
  return below < 0 ? 1 : below + 1;
}

function next() {
  if (now.onward === null) return load();
  now.starts.push(now.onward);
  return load();
}

function back() {
  if (now.starts.length > 1) now.starts.pop();
  return load();
}

function numbered(number) {
  if (kind() === "family") return () => keepMember(number - 1);
  const label = now.labels[number - 1];
  return kind() === "picture" && label ? () => act("relabel", { label }) : null;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("choosing")) { openChoice(false); focusHere(); }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]:not(#zoom)")) return;
  if (isTyping(event.target)) return;
  if (event.target.matches("button, input") && (event.key === " " || event.key === "Enter")) return;
  const number = Number(event.key);
  const action = number >= 1 && number <= 9 ? numbered(number) : ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
$("label-search").oninput = showLabels;
$("label-search").onkeydown = (event) => {
  if (event.key === "Escape") { $("label-search").value = ""; showLabels(); openChoice(false); focusHere(); event.preventDefault(); }
  if (event.key !== "Enter") return;
  const [found] = fitting(now.labels, $("label-search").value);
  if (found) { $("label-search").value = ""; choose("label", found); }
};
$("choose").onclick = () => openChoice(!document.body.classList.contains("choosing"));
$("zoom").onclick = (event) => { if (event.target.matches("#zoom, img")) $("zoom").close(); };
$("zoom").onclose = focusHere;
$("relabel").onclose = focusHere;
$("open").onchange = () => { now.starts = [-1]; load(); };
$("size").oninput = () => document.body.style.setProperty("--cell", `${$("size").value}px`);
$("next").onclick = next;
$("back").onclick = back;
$("undo").onclick = () => tell({ do: "undo" });
$("rest").onclick = keepRest;
$("precision-button").onclick = showPrecision;
$("help-button").onclick = () => open($("help"));
$("help").querySelector("tbody").append(...KEYS.map(([key, text]) => element("tr", {},
  element("td", {}, element("kbd", { textContent: key })), element("td", { textContent: text }))));
const asked = new URLSearchParams(location.hash.slice(1)); // a reload comes back to where it was
Object.assign(now, { view: asked.get("view"), label: asked.get("label") ?? "" });
load();
