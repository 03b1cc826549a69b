// Sorts and filters tables, and walks through transcripts. Without it every page can still be read.
"use strict";

const value = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.v ?? cell.textContent.trim();
};

const compare = (a, b) => {
  if (a === "" || b === "") return 0;
  const x = Number(a), y = Number(b);
  return Number.isNaN(x) || Number.isNaN(y)
    ? a.localeCompare(b, "en", { numeric: true, sensitivity: "base" })
    : x - y;
};

// What has no value comes last, whichever way.
const sort = (table, column, up) => {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [value(row, column), row]);
  keyed.sort(([a], [b]) => (a === "") - (b === "") || (up ? compare(a, b) : compare(b, a)));
  body.append(...keyed.map(([, row]) => row));
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    if (i === column) head.setAttribute("aria-sort", up ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  });
};

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const first = head.dataset.first !== "down";
      sort(table, column, now === "ascending" ? false : now === "descending" ? true : first);
    });
  });
}

for (const form of document.querySelectorAll("form.filters[data-for]")) {
  const table = document.getElementById(form.dataset.for);
  const apply = () => {
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...form.querySelectorAll("select")].filter((select) => select.value);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !(
        words.every((word) => row.dataset.words.includes(word)) &&
        chosen.every((select) => row.dataset[select.name] === select.value)
      );
      shown += !row.hidden;
    }
    form.querySelector("output").textContent = `${shown} of ${table.tBodies[0].rows.length}`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}

for (const form of document.querySelectorAll("form.filters[data-events]")) {
  const list = document.getElementById(form.dataset.events);
  const apply = () => {
    const words = form.elements.words.value.toLowerCase();
    const off = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => !box.checked);
    let shown = 0;
    for (const event of list.children) {
      event.hidden =
        off.some((box) => event.classList.contains(box.name)) ||
        (words !== "" && !event.textContent.toLowerCase().includes(words));
      shown += !event.hidden;
    }
    form.querySelector("output").textContent = `${shown} of ${list.children.length} events`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
  document.addEventListener("keydown", (press) => {
    const typing = press.target.matches("input:not([type=checkbox]), select, textarea");
    if (typing || press.ctrlKey || press.metaKey || press.altKey) return;
    const step = { j: 1, k: -1 }[press.key];
    if (!step) return;
    const shown = [...list.children].filter((event) => !event.hidden);
    const at = shown.findIndex((event) => event.contains(document.activeElement));
    const next = shown[at === -1 ? (step > 0 ? 0 : shown.length - 1) : at + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  });
}
