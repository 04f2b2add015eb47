"use strict";
// One page of pictures at a time. A key acts on the picture with the ring, then moves on;
// what is said goes to the catalogue at once, in the order in which it was said.

const KEYS = [
  ["k", "keep"], ["d", "drop"], ["l", "relabel"], ["1 … 9", "relabel to the label of that number"],
  ["s", "duplicate"], ["f", "not a duplicate"], ["u", "undo"], ["Shift+K", "keep the rest of the page"],
  ["n / p", "next, previous page"], ["arrows", "move"], ["space", "look closer"], ["?", "these keys"],
];
const PER_PAGE = 120, PAIRS_PER_PAGE = 40;
const $ = (id) => document.getElementById(id);
const now = { view: null, label: "", starts: [-1], entries: [], onward: null, total: 0, here: 0, labels: [], queues: {} };
const pairing = () => now.queues[now.view].pairs; // is the question here whether two are duplicates?
let line = Promise.resolve(); // words go out one after another

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

async function ask(path, body) {
  const options = body && {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("pixset no longer answers: is `pixset review` still running?");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

// ── what the page shows ────────────────────────────────────────────────────────────────

function showSummary(summary) {
  now.labels = summary.labels;
  now.queues = Object.fromEntries(summary.queues.map((queue) => [queue.name, queue]));
  $("name").textContent = summary.name;
  document.title = `${summary.name} · pixset review`;
  const choose = (key, value) => { now[key] = value; now.starts = [-1]; load(); };
  list($("views"), summary.queues
    .filter(({ name }) => name !== "test" || summary.sides.test)
    .map(({ name, title }) => [name, title, summary.counts[name]]), now.view, (view) => choose("view", view));
  list($("labels"), [["", "all labels", ""], ...summary.labels.map((label, n) => [label, label, n < 9 ? n + 1 : ""])],
    now.label, (label) => choose("label", label));
  $("precision").replaceChildren(...["val", "test", "train"].filter((s) => summary.sides[s]).map((name) => {
    const side = summary.sides[name];
    const bar = element("i");
    bar.style.setProperty("--done", `${100 * side.seen / side.pictures}%`);
    const [low, high] = side.precision.map((share) => (100 * share).toFixed(1));
    const right = side.seen ? `, ${low}–${high} % right` : "";
    const made = element("span", { title: "share of right labels among those looked at, 95 % interval" },
      element("b", { textContent: name }), bar, `${side.seen} / ${side.pictures}${right}`);
    return made;
  }));
}

// Buttons stay the same elements while their words stay: one replaced under the pointer loses its click.
function list(nav, items, pressed, choose) {
  const names = JSON.stringify(items.map(([key]) => key));
  if (nav.dataset.names !== names) {
    nav.dataset.names = names;
    nav.replaceChildren(...items.map(([key, text]) => element("button", { onclick: () => choose(key) },
      element("span", { textContent: text }), element("span"))));
  }
  items.forEach(([key, , count], n) => {
    nav.children[n].setAttribute("aria-pressed", key === pressed);
    nav.children[n].lastChild.textContent = count;
  });
}

function captioned(entry) {
  const figure = element("figure");
  const image = element("img", { src: `thumb/${entry.sha}.jpg`, loading: "lazy", decoding: "async", alt: entry.label });
  const tags = element("div", { className: "tags" });
  const others = Object.keys(entry.labels).filter((label) => label !== entry.label);
  const words = [...entry.findings.map((f) => f.check.replaceAll("_", " ")), ...others.map((l) => `also ${l}`)];
  tags.append(...words.map((textContent) => element("span", { textContent })));
  figure.title = describe(entry);
  figure.append(element("div", { className: "well" }, image), tags, element("div", { className: "state" }),
    element("figcaption", {}, element("b", { textContent: entry.label }),
      element("span", { textContent: entry.side ?? "" })));
  figure.dataset.state = entry.state;
  return figure;
}

function paired(entry) {
  const figure = element("figure", { className: "pair" });
  for (const one of [entry, entry.other]) {
    const image = element("img", { src: `thumb/${one.sha}.jpg`, loading: "lazy", decoding: "async", alt: one.label });
    figure.append(element("div", { className: "well", title: describe(one) }, image));
  }
  const { phash, dhash, pixels } = entry.distance;
  const words = [`${entry.width}×${entry.height} / ${entry.other.width}×${entry.other.height}`,
    entry.label === entry.other.label ? entry.label : `${entry.label} / ${entry.other.label}`,
    `hash ${phash ?? "–"}·${dhash ?? "–"}`, `pixels ${pixels?.toFixed(1) ?? "–"}`];
  const buttons = [["same", "duplicate"], ["different", "not"]].map(([word, textContent]) => {
    const button = element("button", { textContent, onclick: (event) => {
      event.stopPropagation(); move(now.entries.indexOf(entry)); act(word);
    } });
    button.dataset.do = word;
    return button;
  });
  figure.append(element("div", { className: "facts" }, element("span", { textContent: words.join("  ·  ") }),
    element("span", {}, ...buttons)));
  figure.dataset.same = entry.same;
  return figure;
}

function describe(entry) {
  const found = entry.findings.map((f) => `${f.check} ${f.score.toPrecision(3)} (limit ${f.threshold})`);
  const verdict = entry.reason ? [`${entry.state} by ${entry.by}: ${entry.reason}`] : [];
  const ranks = Object.entries(entry.labels).map(([label, rank]) => `${label} at rank ${rank}`);
  return [`${entry.width}×${entry.height}`, ...ranks, ...verdict, ...found, entry.sha.slice(0, 16)].join(" · ");
}

function draw() {
  const pairs = pairing();
  $("grid").classList.toggle("pairs", pairs);
  $("grid").replaceChildren(...now.entries.map((entry, n) => {
    const figure = pairs ? paired(entry) : captioned(entry);
    figure.onclick = () => { move(n); $("grid").focus(); };
    figure.ondblclick = () => zoom();
    return figure;
  }));
  $("empty").hidden = now.entries.length > 0;
  $("empty").textContent = now.queues[now.view].done;
  const from = now.entries.length ? `${now.entries.length} of ${now.total}` : "";
  $("where").textContent = from;
  $("back").disabled = now.starts.length < 2;
  $("next").disabled = now.onward === null;
  $("rest").hidden = pairs || now.view === "dropped";
  const shown = KEYS.filter(([key]) => pairs ? "sfu".includes(key) : "kdlu".includes(key));
  $("keys").replaceChildren(...shown.flatMap(([key, text]) => [element("kbd", { textContent: key }), text]));
  move(Math.min(now.here, Math.max(0, now.entries.length - 1)));
}

function redraw(n) {
  const old = $("grid").children[n];
  const fresh = pairing() ? paired(now.entries[n]) : captioned(now.entries[n]);
  fresh.className = old.className;
  fresh.onclick = old.onclick;
  fresh.ondblclick = old.ondblclick;
  old.replaceWith(fresh);
}

function move(n) {
  if (n < 0 || n >= now.entries.length) return;
  $("grid").querySelector(".here")?.classList.remove("here");
  now.here = n;
  const figure = $("grid").children[n];
  figure.classList.add("here");
  figure.scrollIntoView({ block: "nearest" });
  if (!$("zoom").hidden) zoom();
}

function zoom() {
  const entry = now.entries[now.here];
  if (!entry) return;
  $("zoom").querySelector("img").src = `image/${entry.sha}.jpg`;
  $("zoom").querySelector("p").textContent = `${entry.label} · ${describe(entry)}`;
  $("zoom").hidden = false;
}

async function load() {
  try {
    const summary = await ask("api/summary");
    // val first, then the first queue in which something is open
    now.view ??= ["val", ...summary.queues.filter((q) => !q.pairs && !q.keeps_reviewed).map((q) => q.name)]
      .find((name) => summary.counts[name]) ?? "all";
    showSummary(summary);
    const asked = new URLSearchParams({
      view: now.view, label: now.label, open: $("open").checked ? "1" : "0",
      after: now.starts.at(-1), count: pairing() ? PAIRS_PER_PAGE : PER_PAGE,
    });
    const page = await ask(`api/page?${asked}`);
    Object.assign(now, page, { here: 0 });
    draw();
    document.querySelector("main").scrollTop = 0;
    $("grid").focus();
  } catch (error) {
    toast(error.message);
  }
}

// ── what the person says ───────────────────────────────────────────────────────────────

function act(word, extra = {}) {
  const entry = now.entries[now.here];
  if (!entry) return;
  const pair = word === "same" || word === "different";
  if (pair && !pairing()) return;
  const shas = pair ? [entry.sha, entry.other.sha] : [entry.sha];
  const n = now.here;
  tell({ do: word, shas, ...extra });
  if (pair) entry.same = word === "same";
  else entry.state = word === "drop" ? "dropped" : "kept";
  redraw(n);
  move(n + 1);
}

function tell(said) {
  line = line.then(async () => {
    const told = await ask("api/say", said);
    for (const changed of told.changed) {
      now.entries.forEach((entry, n) => {
        if (entry.sha === changed.sha) Object.assign(entry, changed);
        if (entry.other?.sha === changed.sha) Object.assign(entry.other, changed);
        const both = told.changed.length === 2 && pairing();
        if (both && told.changed.every((c) => c.sha === entry.sha || c.sha === entry.other.sha)) entry.same = told.pair;
        if (entry.sha === changed.sha || entry.other?.sha === changed.sha) redraw(n);
      });
    }
    if (said.do === "undo") {
      toast(told.changed.length ? `taken back: ${told.changed.length} picture${told.changed.length > 1 ? "s" : ""}` : "nothing to take back");
      const back = now.entries.findIndex((entry) => told.changed.some((c) => c.sha === entry.sha));
      if (back >= 0) move(back);
    }
    showSummary(told.summary);
  }).catch((error) => { toast(error.message); load(); });
}

function keepRest() {
  const open = now.entries.filter((entry) => entry.state === "open");
  if (pairing() || !open.length) return;
  tell({ do: "keep", shas: open.map((entry) => entry.sha) });
  toast(`kept ${open.length}; u takes it back`);
}

function relabel(label) {
  $("relabel").close();
  if (label) act("relabel", { label });
}

function choose() {
  const text = $("filter").value.trim().toLowerCase();
  const fitting = now.labels.filter((label) => label.includes(text));
  const typed = text.replace(/[^a-z0-9]+/g, "_");
  const made = text && !now.labels.includes(typed) ? [typed] : [];
  $("choices").replaceChildren(...[...fitting, ...made].map((label) => element("button", {
    textContent: now.labels.includes(label) ? label : `${label} (new)`, onclick: () => relabel(label),
  })));
}

const ACTIONS = {
  k: () => act("keep"), d: () => act("drop"), x: () => act("drop"), s: () => act("same"), f: () => act("different"),
  u: () => tell({ do: "undo" }), K: keepRest, " ": zoom, n: () => next(), p: () => back(), "?": () => $("help").showModal(),
  l: () => { if (now.entries.length && !pairing()) { $("filter").value = ""; choose(); $("relabel").showModal(); } },
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

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input[type=range]")) return;
  if (!$("zoom").hidden && (event.key === "Escape" || event.key === " ")) {
    $("zoom").hidden = true;
    event.preventDefault();
    return;
  }
  const number = Number(event.key);
  const action = number >= 1 && number <= 9 && !pairing() && now.labels[number - 1]
    ? () => act("relabel", { label: now.labels[number - 1] }) : ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
$("filter").oninput = choose;
$("filter").onkeydown = (event) => {
  if (event.key === "Enter") { event.preventDefault(); $("choices").firstChild?.click(); }
};
$("zoom").onclick = () => { $("zoom").hidden = true; };
$("open").onchange = () => { now.starts = [-1]; load(); };
$("size").oninput = () => document.body.style.setProperty("--cell", `${$("size").value}px`);
$("next").onclick = next;
$("back").onclick = back;
$("undo").onclick = () => tell({ do: "undo" });
$("rest").onclick = keepRest;
$("help-button").onclick = () => $("help").showModal();
$("help").onclick = () => $("help").close();
$("help").append(element("h2", { textContent: "Keys" }), element("table", {},
  element("tbody", {}, ...KEYS.map(([key, text]) => element("tr", {},
    element("td", {}, element("kbd", { textContent: key })), element("td", { textContent: text }))))));
load();
