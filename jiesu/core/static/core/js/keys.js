// The keyboard, read off the page: data-key="s" is pressed by s; j and k walk the data-row's.
"use strict";
(() => {
  const FIXED = [["j", "下一行"], ["k", "上一行"], ["Enter", "打开这一行"], ["/", "搜索"], ["Ctrl K", "命令面板：做什么、去哪里、找案件"],
    ["Ctrl Enter", "提交正在写的表单"], ["Tab", "下一处"], ["Esc", "关闭、离开输入框、取消选择"], ["?", "键盘帮助"]];
  const PICKING = [["x", "选中这一行"], ["X", "从上次选到这一行"]];
  const help = document.getElementById("help");

  const shown = (element) => element.getClientRects().length > 0;
  const typing = (element) => element?.matches?.("input:not([type=checkbox], [type=radio], [type=file], [type=submit], [type=button]), textarea, select, [contenteditable=true]");
  const rows = () => [...document.querySelectorAll("[data-row]")].filter(shown);
  const pressable = (row) => (row.matches("a, button") ? row : row.querySelector("a, button") ?? row);

  let held = false; // something had the focus before the swap
  let last = { row: null, at: -1 }; // where the cursor stood: the row may leave the list under it

  function current(all) {
    const row = document.activeElement?.closest("[data-row]");
    return all.indexOf(row ?? all.find((r) => r.hasAttribute("data-cursor")) ?? all.find((r) => r.hasAttribute("aria-current")));
  }

  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const from = current(all);
    const next = all[from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, from + step))];
    point(next);
    pressable(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  // One row at a time is in the order of Tab; inside the list j and k walk.
  function tab(row) {
    for (const other of document.querySelectorAll("[data-row]")) pressable(other).tabIndex = other === row ? 0 : -1;
  }

  function point(row) {
    document.querySelectorAll("[data-cursor]").forEach((other) => other.removeAttribute("data-cursor"));
    row.setAttribute("data-cursor", "");
    last = { row: row.dataset.row, at: rows().indexOf(row) };
    tab(row);
  }

  // After a refresh the cursor stands on the same row; where that has left, on the one that took its place.
  function rove() {
    const all = rows();
    if (!all.length) return;
    const cursor = all.find((r) => r.hasAttribute("data-cursor"));
    const same = cursor ?? all.find((r) => r.dataset.row === last.row) ?? (last.at < 0 ? null : all[Math.min(last.at, all.length - 1)]);
    if (!same) return tab(all[Math.max(0, current(all))]);
    const moved = same.dataset.row !== last.row;
    if (!cursor) point(same);
    if (!held || document.activeElement !== document.body || document.querySelector("dialog[open]")) return;
    pressable(same).focus({ preventScroll: true });
    if (moved) same.scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    const place = document.querySelector("dialog[open]") ?? document;
    const element = [...place.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)]
      .find((e) => !e.matches(":disabled, [aria-disabled=true]") && (shown(e) || e.closest("details[data-menu]")));
    if (!element) return false;
    if (typing(element)) element.focus();
    else element.click();
    return true;
  }

  function label(element) {
    if (element.dataset.keyLabel) return element.dataset.keyLabel;
    if (element.hasAttribute("aria-label")) return element.getAttribute("aria-label");
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach((kbd) => kbd.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  }

  function showHelp() {
    if (!help || help.open) return;
    const keys = new Map();
    for (const element of document.querySelectorAll("[data-key]")) {
      if (!keys.has(element.dataset.key)) keys.set(element.dataset.key, label(element));
    }
    const fixed = document.querySelector("#batch") ? [...FIXED, ...PICKING] : FIXED;
    const all = [...keys, ...fixed.filter(([key]) => !keys.has(key))];
    document.getElementById("help-keys").replaceChildren(...all.map(([key, words]) => {
      const line = document.createElement("div"), term = document.createElement("dt"), means = document.createElement("dd");
      const cap = document.createElement("kbd");
      cap.textContent = key;
      means.textContent = words;
      term.append(cap);
      line.append(term, means);
      return line;
    }));
    help.showModal();
  }

  function search() {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return (window.jiesu.palette ?? search)();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.activeElement;
    if (typing(field) && shown(field)) { // one in a dialog just closed keeps the focus for a moment more
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) field.blur();
      return;
    }
    if (handled(event.key)) event.preventDefault();
  });

  function handled(key) {
    if (document.querySelector("dialog[open]")) return key !== "Escape" && key !== "Enter" && press(key);
    const inQueue = document.activeElement?.closest("[data-row]");
    if (key === "j" || (key === "ArrowDown" && inQueue)) return walk(1), true;
    if (key === "k" || (key === "ArrowUp" && inQueue)) return walk(-1), true;
    if (key === "/") return search(), true;
    if (key === "?") return showHelp(), true;
    if (key === "Enter" && [document.body, document.getElementById("main")].includes(document.activeElement)) {
      const row = document.querySelector("[data-row][data-cursor]");
      if (row) pressable(row).click();
      return row !== null;
    }
    return key.length === 1 && key !== " " && press(key);
  }

  document.addEventListener("click", (event) => event.target.closest("[data-help]") && showHelp());
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) point(row);
  });
  // News of the counts does not take the place away from who walks the rail; the next one brings them.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target } = event.detail;
    if (target?.matches("#rail, #tabs") && target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:beforeSwap", () => {
    held ||= document.activeElement !== document.body;
  });
  document.addEventListener("htmx:afterSettle", () => {
    rove();
    held = false;
  });
  const lastRow = () => rows().find((row) => row.dataset.row === last.row);
  window.jiesu = { ...window.jiesu, typing, keyLabel: label, lastRow };
  rove();
  document.querySelector("[data-row][aria-current]")?.scrollIntoView({ block: "nearest" });
})();
