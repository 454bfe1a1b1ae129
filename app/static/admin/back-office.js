// The back office works without this file, except for changing a cell in a list and adding rows to a form.
"use strict";

const words = document.body.dataset;

// A refused form may be long, or below much else: what is to be put right comes into view, and its reason is read out.
document.querySelector(".field.wrong :is(input, select, textarea)")?.focus();

document.addEventListener("click", (event) => {
  const target = event.target.closest("button");
  if (!target) return;
  if (target.matches(".menu-toggle")) toggleMenu(target);
  if (target.matches(".cell-edit")) editCell(target);
  if (target.matches("[data-add]")) addRow(target.dataset.add);
  if (target.matches("[data-remove]")) target.closest(".subrow").remove();
});

// A second click must not send a form twice; a question is asked before what cannot be undone.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") {
    form.dataset.sent = "1";
    setTimeout(() => { for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true; });
  }
});

// Coming back with the browser's back button shows a page whose forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

for (const select of document.querySelectorAll(".filters select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

function toggleMenu(button) {
  const isOpen = document.getElementById("side").classList.toggle("open");
  button.setAttribute("aria-expanded", String(isOpen));
}

function addRow(name) {
  const rows = document.querySelector(`[data-rows="${name}"]`);
  const template = document.querySelector(`[data-template="${name}"]`);
  const used = [...rows.querySelectorAll(`[name^="${name}-"]`)].map((input) => Number(input.name.split("-")[1]));
  const next = Math.max(-1, ...used) + 1;
  const row = template.content.firstElementChild.cloneNode(true);
  for (const input of row.querySelectorAll("[name]")) input.name = input.name.replace("#", String(next));
  rows.append(row);
  row.querySelector("input").focus();
}

function editCell(button) {
  const input = document.createElement("input");
  input.className = "cell-input";
  input.value = button.dataset.value;
  input.inputMode = "decimal";
  input.setAttribute("aria-label", button.closest("td").dataset.label);
  button.hidden = true;
  button.after(input);
  noteOf(button, "");
  input.focus();
  input.select();
  let isOver = false;
  const finish = (isKept) => {
    if (isOver) return;
    isOver = true;
    const typed = input.value.trim();
    input.remove();
    button.hidden = false;
    if (isKept && typed !== button.dataset.value) save(button, typed, false);
    else button.focus();
  };
  input.addEventListener("blur", () => finish(true));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); finish(true); }
    if (event.key === "Escape") finish(false);
  });
}

async function save(button, typed, isConfirmed) {
  const body = new FormData();
  body.set("csrf_token", words.csrf);
  body.set("id", button.dataset.id);
  body.set("version", button.dataset.version);
  body.set(button.dataset.field, typed);
  if (isConfirmed) body.set("is_confirmed", "y");
  const before = button.textContent;
  button.disabled = true;
  button.textContent = words.saving;
  const answer = await send(button.dataset.url, body);
  button.disabled = false;
  button.textContent = before;
  if (answer.version !== undefined) showSaved(button, answer);
  else if (answer.doubts) askAgain(button, typed, answer.doubts);
  else showRefused(button, answer);
}

async function send(url, body) {
  try {
    const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { message: words.failed };
  }
}

function showSaved(button, answer) {
  button.dataset.value = answer.value;
  button.textContent = answer.text;
  button.classList.add("saved");
  button.title = words.saved;
  // The row has one version for all its cells.
  for (const cell of button.closest("tr").querySelectorAll(".cell-edit")) cell.dataset.version = String(answer.version);
  setTimeout(() => button.classList.remove("saved"), 2500);
}

function askAgain(button, typed, doubts) {
  const note = noteOf(button, doubts.join(" "));
  const again = document.createElement("button");
  again.type = "button";
  again.className = "small";
  again.textContent = words.sure;
  again.addEventListener("click", () => { note.remove(); save(button, typed, true); });
  note.append(document.createElement("br"), again);
  again.focus();
}

function showRefused(button, answer) {
  const now = answer.current === undefined ? "" : ` ${words.now} ${answer.current}`;
  noteOf(button, (answer.message || words.failed) + now);
  button.focus();
}

function noteOf(button, text) {
  const cell = button.closest("td");
  cell.querySelector(".cell-note")?.remove();
  if (!text) return null;
  const note = document.createElement("span");
  note.className = "cell-note";
  note.setAttribute("role", "alert");
  note.textContent = text;
  cell.append(note);
  return note;
}
