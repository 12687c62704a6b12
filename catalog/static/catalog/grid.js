// The table of SKU as a spreadsheet: arrows, Enter, pasting, a count of what changed.
// Without this script the page is a plain form.
"use strict";

(() => {
  const form = document.querySelector("[data-grid]");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-row]")];
  const grid = rows.map((row) => [...row.querySelectorAll(".desk-cell input")]);
  const count = form.querySelector("[data-count]");

  const value = (input) =>
    input.type === "checkbox" ? (input.checked ? "ya" : "tidak") : input.value.trim();
  // 150.000 and Rp150.000,00 are the 150000 that the page came with.
  const plain = (text) =>
    /^(rp\.?)?\s*(\d{1,3}(\.\d{3})+|\d+)(,(00?|-))?$/i.test(text)
      ? text.replace(/,.*$/, "").replace(/[^\d]/g, "")
      : text;

  function refresh() {
    let changed = 0;
    for (const input of grid.flat()) {
      const differs = plain(value(input)) !== plain(input.dataset.before);
      input.closest(".desk-cell").classList.toggle("is-changed", differs);
      changed += differs;
    }
    count.textContent = changed ? `${changed} nilai berubah` : "Belum ada perubahan";
    return changed;
  }

  function place(input) {
    for (const [y, row] of grid.entries()) {
      const x = row.indexOf(input);
      if (x >= 0) return [x, y];
    }
    return null;
  }

  function go(x, y) {
    const input = grid[y]?.[x];
    if (!input) return;
    input.focus();
    if (input.type === "text") input.select();
  }

  const atEdge = (input, key) =>
    input.type === "checkbox" ||
    (input.selectionStart === 0 && input.selectionEnd === input.value.length) ||
    (input.selectionStart === input.selectionEnd &&
      input.selectionStart === (key === "ArrowLeft" ? 0 : input.value.length));

  form.addEventListener("keydown", (event) => {
    const found = place(event.target);
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y] = found;
    const moves = {
      ArrowUp: [x, y - 1],
      ArrowDown: [x, y + 1],
      Enter: [x, y + (event.shiftKey ? -1 : 1)],
      ArrowLeft: [x - 1, y],
      ArrowRight: [x + 1, y],
    };
    if (event.key === "Escape" && event.target.type === "text") {
      event.target.value = event.target.dataset.before;
      refresh();
      return;
    }
    if (!(event.key in moves)) return;
    const isSideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (isSideways && !atEdge(event.target, event.key)) return;
    event.preventDefault();
    go(...moves[event.key]);
  });

  form.addEventListener("paste", (event) => {
    const found = place(event.target);
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    if (!found || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const [x, y] = found;
    let lost = 0;
    for (const [down, line] of text.split(/\r?\n/).entries()) {
      for (const [right, cell] of line.split("\t").entries()) {
        const input = grid[y + down]?.[x + right];
        if (!input) lost += 1;
        else if (input.type === "checkbox")
          input.checked = /^(ya|y|1|true|aktif|✓)$/i.test(cell.trim());
        else input.value = cell.trim();
      }
    }
    refresh();
    if (lost) count.textContent += `, ${lost} sel di luar tabel tidak ditempel`;
  });

  form.addEventListener("input", refresh);
  let isSending = false;
  form.addEventListener("submit", () => (isSending = true));
  window.addEventListener("beforeunload", (event) => {
    if (!isSending && refresh()) event.preventDefault();
  });
  refresh();
  form.querySelector("[aria-invalid]")?.focus();
})();
