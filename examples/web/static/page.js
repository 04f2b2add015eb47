// A photo dropped or chosen uploads by itself; its three classes appear as bars; Clear starts again.
"use strict";

const drop = document.getElementById("drop");
const input = document.getElementById("photo");
const shown = document.getElementById("shown");
const hint = document.getElementById("hint");
const state = document.getElementById("state");
const classes = document.getElementById("classes");
const clear = document.getElementById("clear");

// Only the answer to the last photo counts: an earlier one may come late.
let asking = null;

function say(text, wrong = false) {
  state.textContent = text;
  state.classList.toggle("wrong", wrong);
}

function show(photo) {
  if (shown.src) URL.revokeObjectURL(shown.src);
  shown.src = URL.createObjectURL(photo);
  shown.alt = photo.name ? `Your photo, ${photo.name}` : "Your photo";
  shown.onerror = () => { shown.hidden = true; };
  shown.hidden = false;
  hint.hidden = true;
}

function reset() {
  asking?.abort();
  asking = null;
  if (shown.src) URL.revokeObjectURL(shown.src);
  shown.removeAttribute("src");
  shown.hidden = true;
  hint.hidden = false;
  input.value = "";
  classes.replaceChildren();
  clear.disabled = true;
  say("");
}

function bar({ name, share }) {
  const percent = (100 * share).toFixed(1);
  const row = document.createElement("li");
  const label = document.createElement("span");
  const number = document.createElement("span");
  const track = document.createElement("div");
  const fill = document.createElement("div");
  label.textContent = name;
  number.textContent = `${percent} %`;
  track.className = "track";
  track.setAttribute("aria-hidden", "true"); // the number says it
  fill.style.width = `${percent}%`;
  track.append(fill);
  row.append(label, number, track);
  return row;
}

async function classify(photo) {
  reset();
  show(photo);
  clear.disabled = false;
  say("Looking …");
  const mine = new AbortController();
  asking = mine;
  const form = new FormData();
  form.append("photo", photo);
  try {
    const answer = await fetch("classify", { method: "POST", body: form, signal: mine.signal });
    const told = await answer.json();
    if (asking !== mine) return;
    if (!answer.ok) {
      say(told.error, true);
      return;
    }
    classes.replaceChildren(...told.classes.map(bar));
    say(`Most likely: ${told.classes[0].name}`);
  } catch (error) {
    if (asking === mine) say("The server did not answer: try again", true);
  }
}

let entered = 0; // dragenter and dragleave also come from the children
drop.addEventListener("dragenter", (event) => {
  event.preventDefault();
  entered += 1;
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => {
  entered -= 1;
  if (entered <= 0) drop.classList.remove("over");
});
// A photo dropped beside the rectangle must not replace the page.
for (const kind of ["dragover", "drop"]) {
  window.addEventListener(kind, (event) => event.preventDefault());
}
drop.addEventListener("drop", (event) => {
  entered = 0;
  drop.classList.remove("over");
  const photo = event.dataTransfer.files[0];
  if (photo) classify(photo);
  else say("That was no file: drop a photo from a folder", true);
});
input.addEventListener("change", () => {
  if (input.files[0]) classify(input.files[0]);
});
clear.addEventListener("click", () => {
  reset();
  input.focus();
});
