// Many at once: x marks the row under the cursor, Shift+X all from the last one, the bar below acts on them.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  if (!queue) return;
  const picked = new Set(); // ids, which outlive a refresh of the list
  let last = null, mode = false;

  const boxes = () => [...queue.querySelectorAll(".pick")];
  const rowOf = (box) => document.getElementById(`row-${box.value}`);

  function show() {
    for (const box of boxes()) {
      box.checked = picked.has(box.value);
      box.tabIndex = -1; // x on the row, so that Tab does not walk fifty boxes
    }
    const count = picked.size, bar = document.getElementById("batch");
    queue.classList.toggle("picking", count > 0 || mode);
    const said = bar?.querySelector("[data-picked]");
    if (said) said.textContent = count ? `已选 ${count} 件` : mode ? "点选要办的案件" : "";
    for (const button of bar?.querySelectorAll("button[name=do]") ?? []) button.disabled = count === 0;
    queue.querySelector("[data-pick-mode]")?.setAttribute("aria-pressed", String(mode || count > 0));
  }

  function set(box, is) {
    if (is) picked.add(box.value);
    else picked.delete(box.value);
  }

  function clear() {
    picked.clear();
    last = null;
    mode = false;
    show();
  }

  function toggle(box, range) {
    const all = boxes(), from = all.findIndex((one) => one.value === last), to = all.indexOf(box);
    if (range && from >= 0) {
      for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(one, true);
    } else set(box, !picked.has(box.value));
    last = box.value;
    show();
  }

  // The row x means: under the focus, else where the keyboard stood last, also just after a refresh.
  function cursor() {
    const row = document.activeElement?.closest("[data-row]") ?? window.jiesu.lastRow?.() ?? queue.querySelector("[data-row][aria-current], [data-row]");
    return row && queue.querySelector(`.pick[value="${CSS.escape(row.dataset.row)}"]`);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || window.jiesu.typing(document.activeElement)) return;
    if (event.key === "Escape" && (picked.size || mode)) return clear();
    if (event.key.toLowerCase() !== "x") return;
    const box = cursor();
    if (!box) return;
    event.preventDefault();
    toggle(box, event.key === "X");
  }, true);

  let shift = false;
  queue.addEventListener("click", (event) => {
    shift = event.shiftKey;
    if (event.target.closest("[data-unpick]")) return clear();
    if (event.target.closest("[data-pick-mode]")) {
      if (mode || picked.size) return clear();
      mode = true;
      return show();
    }
    const row = mode && matchMedia("(pointer: coarse)").matches && event.target.closest("[data-row]"); // a thumb hits the row
    const box = row && queue.querySelector(`.pick[value="${CSS.escape(row.dataset.row)}"]`);
    if (!box) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(box, false);
  }, true);
  queue.addEventListener("change", (event) => {
    const box = event.target; // a box that is swapped away tells of a change that is none
    if (box.matches(".pick") && box.isConnected && box.checked !== picked.has(box.value)) toggle(box, shift);
  });

  document.addEventListener("batch-done", clear);
  document.addEventListener("htmx:afterSettle", () => {
    const here = new Set(boxes().map((box) => box.value));
    for (const value of picked) if (!here.has(value)) picked.delete(value); // it left the list
    show();
  });
  addEventListener("pageshow", () => {
    for (const box of boxes()) set(box, box.checked); // what the browser kept on the way back
    show();
  });
})();
