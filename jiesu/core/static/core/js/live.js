// The live desk: what others do appears here by itself, new work is heard, and who else looks is shown.
"use strict";
(() => {
  const words = document.querySelector("[data-stream]");
  const member = document.querySelector("meta[name=member]")?.content;
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  const WORKER = document.currentScript?.dataset.worker;
  if (!words || !member || !WORKER || !window.EventSource) return;

  const THROTTLE = 400, SPREAD = 150, POLL = 90_000, STILL = 25_000, SILENT = 60_000;
  const toast = (...told) => window.jiesu?.toast?.(...told);
  const openCase = () => document.querySelector("#case [data-case]")?.dataset.case ?? "";
  const url = (number) => `/cases/${encodeURIComponent(number)}/`;

  // What is refreshed: pieces only, never under a hand.

  const typing = (root) => {
    const field = document.activeElement;
    return Boolean(root?.contains(field) && field.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]"));
  };
  let pressing = false, acted = 0;
  addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const up of ["pointerup", "pointercancel", "blur"]) addEventListener(up, () => setTimeout(() => { pressing = false; }), true);
  document.addEventListener("case-changed", () => { acted = Date.now(); });

  // Do it soon, at most every so often, not while hidden and not while `held` says so.
  function gently(work, held = () => false, every = THROTTLE) {
    let timer = 0, ran = 0, wanted = false;
    const run = () => {
      timer = 0;
      if (document.hidden) return;
      if (held()) return wait(every);
      wanted = false;
      ran = Date.now();
      work();
    };
    const wait = (least) => { timer ||= setTimeout(run, least); };
    document.addEventListener("visibilitychange", () => wanted && wait(0));
    return () => {
      wanted = true;
      wait(Math.max(0, ran + every - Date.now()) + Math.random() * SPREAD);
    };
  }

  const listHeld = () => pressing || typing(document.getElementById("queue"))
    || document.querySelector("#queue details[open], #tabs details[open]") !== null;
  const refreshList = gently(() => {
    const poll = document.getElementById("poll");
    if (poll) window.htmx.trigger(poll, "live-list");
    else counters();
  }, listHeld);

  function caseHeld() {
    const pane = document.getElementById("case");
    if (!pane || pressing || typing(pane) || document.querySelector("dialog[open], #case details[data-menu][open]")) return true;
    const chosen = getSelection();
    if (chosen && !chosen.isCollapsed && pane.contains(chosen.anchorNode)) return true;
    return [...pane.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  }

  let changedCase = "";
  const refreshCase = gently(() => {
    if (changedCase !== openCase()) return;
    changedCase = "";
    const refresh = document.getElementById("refresh");
    if (refresh) window.htmx.trigger(refresh, "live-case");
  }, () => changedCase === openCase() && caseHeld());

  function caseMoved(data) {
    const held = document.querySelector("dialog[open]") !== null || typing(document.getElementById("case"));
    if (held && data?.did && changedCase !== openCase()) toast(`您打开的案件刚有变化：${data.did}`);
    changedCase = openCase();
    refreshCase();
  }

  // data-live="case notice duty": a piece of any page that fetches itself when one of those is told.
  const areas = new Set();
  const refreshAreas = gently(() => {
    for (const area of areas) {
      if (!area.isConnected) continue;
      if (area.hasAttribute("hx-get")) window.htmx.trigger(area, "live");
      else if (area.id) window.htmx.ajax("GET", location.href, { source: area, target: area, select: `#${CSS.escape(area.id)}`, swap: "outerHTML" });
    }
    areas.clear();
  }, () => pressing || [...areas].some((area) => typing(area) || area.querySelector("details[open]")), 1500);

  function touch(kind) {
    for (const area of document.querySelectorAll("[data-live]:not([data-toast])")) {
      if (kind === "resync" || area.dataset.live.split(/\s+/).includes(kind)) areas.add(area);
    }
    if (areas.size) refreshAreas();
  }

  async function now() {
    try {
      const answer = await fetch("/live/now/", { redirect: "manual", cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // away; the next time will do
    }
  }

  async function counters() {
    const told = await now();
    for (const { url: place, count, late } of told?.counters ?? []) {
      for (const link of document.querySelectorAll("#rail a, #tabs a")) {
        if (link.getAttribute("href") !== place) continue;
        let mark = link.querySelector(".count");
        if (!mark && count) link.append(mark = document.createElement("span"));
        if (!count) mark?.remove();
        else mark.textContent = count, mark.className = late ? "count late" : "count";
      }
    }
    return told;
  }

  // A swap keeps the place, the ticks and what was unfolded.
  let kept = null;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    if (target.id !== "queue" && target.id !== "case") return;
    const focus = target.contains(document.activeElement) ? document.activeElement : null;
    kept = {
      id: target.id, top: target.scrollTop, case: openCase(),
      ticks: new Set([...target.querySelectorAll("input[type=checkbox]:checked")].map((tick) => `${tick.name}=${tick.value}`)),
      open: new Set([...target.querySelectorAll("details[open]:not([data-menu])")].map((one) => one.className)),
      key: focus?.id ? `#${CSS.escape(focus.id)}` : focus?.dataset.key ? `[data-key="${CSS.escape(focus.dataset.key)}"]` : "",
    };
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (kept?.id !== target.id) return;
    const was = kept;
    kept = null;
    if (was.id === "case" && was.case !== openCase()) return;
    for (const tick of target.querySelectorAll("input[type=checkbox]")) {
      if (!was.ticks.has(`${tick.name}=${tick.value}`) || tick.checked) continue;
      tick.checked = true;
      tick.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const one of target.querySelectorAll("details:not([data-menu])")) if (was.open.has(one.className)) one.open = true;
    target.scrollTop = was.top;
    if (was.key && document.activeElement === document.body) target.querySelector(was.key)?.focus({ preventScroll: true });
  });

  // Heard and seen: two soft tones, a word on the desktop, a toast, the number in the title.

  const stored = (name, value) => {
    try {
      return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value);
    } catch {
      return null; // not kept
    }
  };
  const TONES = { new: [[660, 0], [880, 0.16]], notice: [[587, 0], [494, 0.18]], alarm: [[880, 0], [622, 0.2], [880, 0.4], [622, 0.6]] };
  const quiet = () => stored("jiesu.sound") === "off";
  let audio = null;

  function waken() {
    if (quiet() || !window.AudioContext) return Promise.reject(new Error("quiet"));
    audio ??= new AudioContext();
    return audio.state === "running" ? Promise.resolve() : audio.resume();
  }

  function play(name) {
    const start = audio.currentTime + 0.02;
    for (const [height, after] of TONES[name]) {
      const tone = audio.createOscillator(), loudness = audio.createGain(), at = start + after;
      tone.type = name === "alarm" ? "triangle" : "sine";
      tone.frequency.value = height;
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(name === "alarm" ? 0.12 : 0.05, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0005, at + 0.28);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.3);
    }
  }

  function sound(name) {
    const asked = Date.now(); // a browser that lets nobody be heard before a press is not surprised later
    try {
      waken().then(() => Date.now() - asked < 1500 && play(name)).catch(() => {});
    } catch {
      // no sound here
    }
  }
  for (const first of ["pointerdown", "keydown"]) addEventListener(first, () => waken().catch(() => {}), { once: true, capture: true });

  const switchSound = document.querySelector("[data-sound]");
  function nameSound() {
    if (!switchSound) return;
    const label = `声音：${quiet() ? "关" : "开"}`;
    switchSound.setAttribute("aria-pressed", String(!quiet()));
    switchSound.setAttribute("aria-label", label);
    switchSound.title = label;
  }
  switchSound?.addEventListener("click", () => {
    stored("jiesu.sound", quiet() ? "on" : "off");
    nameSound();
    toast(quiet() ? "声音已关" : "声音已开：新工单和临期提醒会轻响一下");
    if (!quiet()) sound("new");
  });
  nameSound();

  const ask = document.querySelector("[data-notify]");
  const mayAsk = () => window.isSecureContext && window.Notification?.permission === "default";
  if (ask && mayAsk()) ask.hidden = false;
  ask?.addEventListener("click", () => toast("有新工单或临期提醒时在桌面显示，只写编号和剩余时间", {
    press: "允许",
    act: async () => {
      await Notification.requestPermission();
      ask.hidden = !mayAsk();
    },
  }));

  function desktop(title, lines) {
    if (!window.isSecureContext || window.Notification?.permission !== "granted" || document.hasFocus()) return;
    try {
      const shown = new Notification(title, { body: lines.map((line) => line.text).join("\n"), tag: `jiesu-${title}`, icon: document.querySelector("link[rel=icon]")?.href });
      shown.addEventListener("click", () => {
        window.focus();
        if (lines.length === 1) location.assign(url(lines[0].number));
        shown.close();
      });
    } catch {
      // a phone's browser shows none without a service worker
    }
  }

  let unseen = 0;
  const away = () => document.hidden || !document.hasFocus();
  function title() {
    const plain = document.title.replace(/^\(\d+\) /, "");
    const wanted = unseen ? `(${unseen}) ${plain}` : plain;
    if (document.title !== wanted) document.title = wanted;
  }
  function seen() {
    if (!away() && unseen) {
      unseen = 0;
      title();
    }
  }
  const heading = document.querySelector("title"); // htmx writes it anew with each answer
  if (heading) new MutationObserver(title).observe(heading, { childList: true });
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);

  const left = (due) => {
    const { times } = window.jiesu ?? {};
    return due && times ? times.remaining(Date.parse(due), times.now()) : "";
  };
  const NAMES = { alarm: "告警", new: "新工单", notice: "临期提醒" };
  let said = [], saying = 0;

  function say(kind, data, loud) {
    said.push({ kind, number: data.number, loud, text: [data.number, data.label ?? "", left(data.due)].filter(Boolean).join(" ") });
    saying ||= setTimeout(speak, 250);
  }

  function speak() {
    saying = 0;
    for (const kind of Object.keys(NAMES)) {
      const lines = said.filter((line) => line.kind === kind);
      if (!lines.length) continue;
      const single = lines.length === 1 ? lines[0] : null;
      toast(`${NAMES[kind]} ${lines.length} ${kind === "notice" ? "条" : "件"}${single ? `：${single.text}` : ""}`, {
        tone: kind === "new" ? "" : "late",
        ...(single && { press: "打开", act: () => location.assign(url(single.number)) }),
        ...(!single && kind === "notice" && { press: "查看", act: () => location.assign("/supervision/reminders/") }),
      });
      if (lines.some((line) => line.loud)) desktop(NAMES[kind], lines.slice(0, 5));
    }
    const loudest = Object.keys(TONES).reverse().find((name) => said.some((line) => line.loud && line.kind === name));
    if (loudest) sound(loudest);
    if (away()) unseen += said.length;
    said = [];
    title();
  }

  // Reminders that came while nothing could be told; each is said once in this browser.
  const lastNotice = () => Number(stored(`jiesu.notice:${member}`) ?? 0);
  function noticed(id) {
    if (id > lastNotice()) stored(`jiesu.notice:${member}`, String(id));
  }
  async function missed() {
    const told = await counters(), from = lastNotice();
    for (const one of told?.notices ?? []) if (one.id > from) say("notice", one, true);
    noticed(Math.max(0, ...(told?.notices ?? []).map((one) => one.id)));
  }

  // What is told.

  let cases = {};
  const ON = {
    case(data, loud) {
      if (!(data.mine && Date.now() - acted < 2000)) { // this page is fetching it already
        refreshList();
        if (String(data.case) === openCase()) caseMoved(data.mine ? null : data);
      }
      if (data.mine) return;
      if (data.alarm && (data.new || data.action === "alarm")) say("alarm", data, loud);
      else if (data.new) say("new", { number: data.number, due: data.due }, loud);
    },
    gone(data) {
      refreshList();
      if (String(data.case) === openCase()) toast("您打开的案件已不归本单位办理", { tone: "late" });
    },
    many: refreshList,
    notice(data, loud) {
      noticed(data.id);
      say("notice", data, loud);
    },
    daily(data) {
      toast("关键时限清单已出", { press: "打开", act: () => location.assign(`/supervision/daily/${data.list}/`) });
    },
    resync() {
      setTimeout(() => { // not every desk in the same moment
        refreshList();
        if (openCase()) caseMoved(null);
        missed();
      }, Math.random() * 1000);
    },
    here(data) {
      cases = data.cases;
      paint();
    },
    presence(data) {
      cases[data.case] = data.who;
      paint();
    },
  };

  function told({ kind, data, loud }) {
    ON[kind]?.(data, loud);
    touch(kind);
  }

  // Who else looks: told every so often, painted on the rows and on the open case.

  const tab = [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");
  let shownCase = "";

  function here() {
    const open = openCase();
    if (document.hidden || (!open && !shownCase)) return;
    shownCase = open;
    const body = new URLSearchParams(open ? { tab, case: open } : { tab });
    fetch("/live/here/", { method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "manual", keepalive: true }).catch(() => {});
  }

  function leave() {
    if (!shownCase) return;
    shownCase = "";
    navigator.sendBeacon?.("/live/here/", new URLSearchParams({ tab, csrfmiddlewaretoken: token }));
  }

  function names(who) {
    const each = [...new Set(who ?? [])];
    return each.length > 3 ? `${each.slice(0, 3).join("、")}等 ${who.length} 人` : each.join("、");
  }

  function write(place, text) {
    let mark = place.querySelector(":scope > [data-who]");
    if (!text) return mark?.remove();
    if (!mark) {
      mark = document.createElement("span");
      mark.className = "who";
      mark.dataset.who = "";
      place.append(mark);
    }
    if (mark.textContent !== text) mark.textContent = text;
  }

  function paint() {
    for (const place of document.querySelectorAll(".queue [data-row] .row-2")) {
      const who = names(cases[place.closest("[data-row]").dataset.row]);
      write(place, who && `${who} 正在看`);
    }
    const head = document.querySelector("#case .head .pieces");
    const who = names(cases[openCase()]);
    if (head) write(head, who && `${who} 也在看`);
  }

  document.addEventListener("htmx:oobAfterSwap", paint);
  document.addEventListener("htmx:afterSettle", () => {
    if (openCase() !== shownCase) here();
    paint();
    title();
  });
  setInterval(() => openCase() && here(), STILL);
  document.addEventListener("visibilitychange", here);

  // The stream itself, and the slow look every so often while it is away.

  const SAID = { live: ["ok", "实时"], opening: ["soon", "正在连接…"], away: ["soon", "正在重连…"], bye: ["late", "已退出，请重新登录"] };
  let state = "opening", word = Date.now(), post = () => {}, showing = 0;

  function be(now) {
    word = Date.now();
    if (now === state && !words.hidden) return;
    state = now;
    clearTimeout(showing);
    const show = () => {
      const [tone, text] = SAID[state];
      words.className = `stream ${tone}`;
      words.lastElementChild.textContent = text;
      words.title = text;
      words.hidden = false;
    };
    if (state === "live" || state === "bye" || !navigator.onLine) show();
    else showing = setTimeout(show, 1000); // a moment is not worth a word, unless the browser says so itself
  }

  function attach() {
    const [page] = performance.getEntriesByType("navigation");
    const age = performance.now() - (page?.responseStart ?? 0) + 1500;
    const since = document.querySelector("meta[name=now]")?.content ?? "";
    if (window.SharedWorker) {
      const { port } = new SharedWorker(WORKER, { name: `jiesu-live-${member}` });
      port.addEventListener("message", ({ data }) => (data.state ? be(data.state) : told(data)));
      port.start();
      post = (what) => port.postMessage({ do: what, visible: !document.hidden, age, since });
      return post("attach");
    }
    const script = document.createElement("script");
    script.src = WORKER;
    script.addEventListener("load", () => {
      const stream = new window.jiesu.Stream((kind, data, id) => {
        const loud = !document.hidden || stored("jiesu.said") !== id; // of many pages the first to hear it
        stored("jiesu.said", id);
        told({ kind, data, loud });
      }, be);
      const does = { poke: () => stream.poke(), away: () => stream.away(), back: () => stream.back(), gone: () => stream.end(), attach: () => stream.start(since) };
      post = (what) => does[what]?.();
      post("attach");
    });
    document.head.append(script);
  }

  setInterval(() => {
    if (Date.now() - word > SILENT && state !== "bye") {
      be("away"); // the worker itself is gone
      if (window.SharedWorker) attach();
    }
    post("still");
  }, 20_000);
  setInterval(() => {
    if (state === "live" || state === "bye" || document.hidden) return;
    refreshList();
    touch("resync");
    missed();
  }, POLL);
  addEventListener("offline", () => post("away"));
  addEventListener("online", () => post("back"));
  document.addEventListener("visibilitychange", () => post(document.hidden ? "still" : "poke"));
  addEventListener("pagehide", () => {
    leave();
    post("gone");
  });
  addEventListener("pageshow", (event) => event.persisted && attach());

  attach();
  here();
  setTimeout(() => state === "opening" && be("away"), 3000);
})();
