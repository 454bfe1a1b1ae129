// Days are typed as YYYY-MM-DD, 20260302 or 2026/3/2, or chosen in the browser's calendar.
"use strict";

const TYPED = [/^(\d{4})(\d\d)(\d\d)$/, /^(\d{4})\D(\d{1,2})\D(\d{1,2})\D?$/];
const ICON = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 3h12v11H2zM2 6.5h12M5 1v3.5M11 1v3.5" fill="none" stroke="currentColor" stroke-width="1.4"/></svg>';

function asDay(typed) {
  const text = typed.normalize("NFKC").trim();
  const [, year, month = "", day = ""] = TYPED.map((form) => form.exec(text)).find(Boolean) ?? [];
  return year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : typed;
}

function addCalendar(box, field) {
  const calendar = document.createElement("input");
  calendar.type = "date";
  calendar.tabIndex = -1;
  calendar.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.innerHTML = ICON;
  button.title = box.dataset.calendar;
  button.setAttribute("aria-label", box.dataset.calendar);
  button.addEventListener("click", () => { calendar.value = field.value; calendar.showPicker(); });
  calendar.addEventListener("change", () => { if (calendar.value) field.value = calendar.value; field.focus(); });
  box.append(button, calendar);
}

for (const box of document.querySelectorAll(".day-box")) {
  const field = box.querySelector("input");
  field.addEventListener("change", () => { field.value = asDay(field.value); });
  if ("showPicker" in HTMLInputElement.prototype) addCalendar(box, field);
}
