// Ctrl-K: one field for what can be done here, where to go and which case. Names, or pinyin initials.
"use strict";
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input"), list = dialog.querySelector("[role=listbox]"), said = dialog.querySelector("[data-found]");
  const member = document.querySelector("meta[name=member]")?.content ?? "";
  const RECENT = `jiesu.recent:${member}`, KEEP = 6, WAIT = 160;
  const ORDER = ["此案件", "此页", "前往", "命令"];
  let known = null, entries = [], cases = [], asked = "", at = 0, timer = 0;

  const recent = () => {
    try {
      return JSON.parse(localStorage.getItem(RECENT)) ?? [];
    } catch {
      return [];
    }
  };

  function remember(entry) {
    if (entry.group === "案件") return; // titles of cases stay out of the browser's store
    try {
      const id = `${entry.kind}:${entry.label}`;
      localStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((one) => one !== id)].slice(0, KEEP)));
    } catch {
      // not kept: the order is the usual one
    }
  }

  // What the page itself offers: all that has a key, and what stands in the top bar.
  function offered() {
    const found = [];
    for (const element of document.querySelectorAll("[data-key]")) {
      const inMenu = element.closest("details[data-menu]") && !element.matches("summary");
      if (element.matches("summary, :disabled, [aria-disabled=true], #palette *") || !(element.getClientRects().length || inMenu)) continue;
      const label = window.jiesu.keyLabel(element);
      const group = element.closest("#case") ? "此案件" : "此页";
      found.push({ label, group, kind: "do", key: element.dataset.key, find: known?.initials?.[label] ?? "", run: () => element.matches("input, textarea, select") ? element.focus() : element.click() });
    }
    const commands = [
      ["切换外观", "[data-theme-switch]"], ["提示声音", "[data-sound]"], ["桌面提醒", "[data-notify]:not([hidden])"], ["键盘帮助", "[data-help]"],
      ["选择案件", "[data-pick-mode]"], ["搜索案件", "[data-search]"],
    ];
    for (const [label, selector] of commands) {
      const element = document.querySelector(selector);
      if (element) found.push({ label, group: "命令", kind: "command", find: known?.initials?.[label] ?? "", run: () => element.matches("input:not([type=checkbox])") ? element.focus() : element.click() });
    }
    const leave = document.querySelector("form[data-forget]");
    if (leave) found.push({ label: "退出登录", group: "命令", kind: "command", find: known?.initials?.["退出登录"] ?? "tcdl", run: () => leave.requestSubmit() });
    return found;
  }

  const places = () => (known?.go ?? []).map((one) => ({ ...one, group: "前往", kind: "go" }));

  // How well words match a name: its beginning, inside it, its initials, letters in order; 0 is not at all.
  function rank({ label, find, hint = "" }, words) {
    const name = label.toLowerCase(), short = find ?? "";
    if (name.startsWith(words) || short === words) return 5;
    if (short.startsWith(words)) return 4;
    if (name.includes(words) || short.includes(words)) return 3;
    if (hint.toLowerCase().includes(words)) return 2;
    let place = -1;
    return words.length > 1 && [...words].every((letter) => (place = short.indexOf(letter, place + 1)) >= 0) ? 1 : 0;
  }

  function sorted(words) {
    const all = [...offered(), ...places()];
    if (!words) {
      all.sort((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group)); // stable: as on the page
      const ids = recent(), first = ids.map((id) => all.find((one) => `${one.kind}:${one.label}` === id)).filter(Boolean);
      return [...first.map((one) => ({ ...one, group: "最近" })), ...all.filter((one) => !first.includes(one))];
    }
    const kept = recent();
    const ranked = all.map((one) => ({ one, is: rank(one, words) })).filter(({ is }) => is > 0);
    const best = (group) => Math.max(0, ...ranked.filter(({ one }) => one.group === group).map(({ is }) => is));
    ranked.sort((a, b) => best(b.one.group) - best(a.one.group) || ORDER.indexOf(a.one.group) - ORDER.indexOf(b.one.group) || b.is - a.is
      || (kept.indexOf(`${b.one.kind}:${b.one.label}`) >= 0) - (kept.indexOf(`${a.one.kind}:${a.one.label}`) >= 0));
    const found = ranked.map(({ one }) => one);
    const strong = ranked.length > 0 && ranked[0].is >= 3;
    return strong ? [...found, ...cases] : [...cases, ...found];
  }

  function draw() {
    const words = field.value.trim().toLowerCase();
    entries = sorted(words);
    at = Math.min(at, Math.max(0, entries.length - 1));
    const groups = new Map();
    entries.forEach((entry, n) => {
      if (!groups.has(entry.group)) groups.set(entry.group, []);
      groups.get(entry.group).push(option(entry, n));
    });
    list.replaceChildren(...[...groups].map(([title, options], n) => {
      const group = document.createElement("div"), head = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", `palette-group-${n}`);
      head.id = `palette-group-${n}`;
      head.className = "palette-group";
      head.textContent = title;
      group.append(head, ...options);
      return group;
    }));
    said.textContent = entries.length ? `${entries.length} 项` : "没有找到，换个词试试";
    mark();
  }

  function option(entry, n) {
    const line = document.createElement("div"), name = document.createElement("span");
    line.id = `palette-${n}`;
    line.className = "palette-option";
    line.setAttribute("role", "option");
    line.dataset.n = n;
    name.textContent = entry.label;
    line.append(name);
    if (entry.hint) {
      const hint = document.createElement("small");
      hint.textContent = entry.hint;
      line.append(hint);
    }
    if (entry.key) {
      const cap = document.createElement("kbd");
      cap.textContent = entry.key;
      line.append(cap);
    }
    return line;
  }

  function mark() {
    for (const line of list.querySelectorAll("[role=option]")) line.setAttribute("aria-selected", String(Number(line.dataset.n) === at));
    const now = document.getElementById(`palette-${at}`);
    if (now) field.setAttribute("aria-activedescendant", now.id);
    else field.removeAttribute("aria-activedescendant");
    now?.scrollIntoView({ block: "nearest" });
    if (at === 0) list.scrollTop = 0;
  }

  function choose(n, event) {
    const entry = entries[n];
    if (!entry) return;
    remember(entry);
    const own = event?.ctrlKey || event?.metaKey;
    dialog.close();
    if (entry.url && own) window.open(entry.url, "_blank", "noopener");
    else if (entry.url) location.assign(entry.url);
    else entry.run();
  }

  async function load() {
    try {
      const answer = await fetch(dialog.dataset.url, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (answer.ok) known = await answer.json();
    } catch {
      // no network: what the page offers is still there
    }
    if (dialog.open) draw();
  }

  async function find() {
    const words = field.value.trim();
    asked = words;
    if (words.length < 2) {
      cases = [];
      return draw();
    }
    try {
      const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(words)}`, { redirect: "manual" });
      if (!answer.ok) return undefined;
      const told = await answer.json();
      if (asked !== words) return undefined; // a later word is on its way
      cases = told.cases.map((one) => ({ ...one, group: "案件", kind: "case" }));
      draw();
    } catch {
      // the banner of the page says that the network is away
    }
    return undefined;
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    field.value = "";
    cases = [];
    at = 0;
    dialog.showModal();
    field.focus();
    draw();
    load();
  }

  field.addEventListener("input", () => {
    at = 0;
    draw();
    clearTimeout(timer);
    timer = setTimeout(find, WAIT);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps && entries.length) {
      const step = steps[event.key], next = at + step;
      at = Math.abs(step) === 1 ? (next + entries.length) % entries.length : Math.max(0, Math.min(entries.length - 1, next));
      mark();
    } else if (event.key === "Enter") choose(at, event);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") dialog.close();
    else if (event.key === "Tab") {
      // the field is the only stop; the arrows choose
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("pointermove", (event) => {
    const line = event.target.closest("[role=option]");
    if (!line || Number(line.dataset.n) === at) return;
    at = Number(line.dataset.n);
    for (const one of list.querySelectorAll("[role=option]")) one.setAttribute("aria-selected", String(one === line));
    field.setAttribute("aria-activedescendant", line.id);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[role=option]");
    if (line) choose(Number(line.dataset.n), event);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());

  window.jiesu = { ...window.jiesu, palette: open };
})();
