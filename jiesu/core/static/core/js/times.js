// Remaining times, kept true on an open page. The rule is jiesu/rules/clocks.py, word for word:
// <time class="left" data-due="ISO" data-start="ISO" data-prefix="签收">, <progress class="used" data-due data-start>.
"use strict";
(() => {
  const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const URGENT = 2 * HOUR, NEAR = 8 * HOUR, SHORT = HOUR;
  const TONES = ["ok", "soon", "late"];

  const stated = Date.parse(document.querySelector("meta[name=now]")?.content);
  const [page] = performance.getEntriesByType("navigation");
  const received = performance.timeOrigin + (page?.responseStart ?? 0);
  const offset = Number.isNaN(stated) || Math.abs(stated - received) < 2000 ? 0 : stated - received;
  const now = () => Date.now() + offset;

  function spell(length) {
    const minutes = Math.max(Math.floor(Math.abs(length) / MINUTE), 1);
    if (minutes < 60) return `${minutes} 分`;
    if (minutes < 48 * 60) {
      const hours = Math.floor(minutes / 60), rest = minutes % 60;
      return rest ? `${hours} 小时 ${String(rest).padStart(2, "0")} 分` : `${hours} 小时`;
    }
    const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
    return hours ? `${days} 天 ${hours} 小时` : `${days} 天`;
  }

  function tone(start, due, at) {
    const left = due - at, whole = Number.isNaN(start) ? Infinity : due - start;
    if (left <= 0) return "late";
    if (whole <= SHORT) return left < whole / 6 ? "late" : left < whole / 3 ? "soon" : "ok";
    if (left < URGENT) return "late";
    return left < NEAR || (whole !== Infinity && left < whole / 3) ? "soon" : "ok";
  }

  const remaining = (due, at) => `${due > at ? "剩" : "超"} ${spell(due - at)}`;

  function used(start, due, at) {
    const whole = due - start;
    if (!(whole > 0)) return 100;
    return Math.max(0, Math.min(100, Math.round(((at - start) * 100) / whole)));
  }

  function refresh(root = document) {
    const at = now();
    for (const element of root.querySelectorAll("[data-due]")) {
      const due = Date.parse(element.dataset.due), start = Date.parse(element.dataset.start);
      if (Number.isNaN(due)) continue;
      if ("ends" in element.dataset) { // it says until when, and then it is over
        element.hidden = due <= at;
        element.textContent = (element.dataset.prefix ?? "") + remaining(due, at);
        continue;
      }
      const is = tone(start, due, at);
      for (const name of TONES) element.classList.toggle(name, name === is);
      if (element instanceof HTMLProgressElement) {
        if (!Number.isNaN(start)) element.value = used(start, due, at);
        continue;
      }
      const words = (element.dataset.prefix ?? "") + remaining(due, at);
      if (element.textContent !== words) element.textContent = words;
    }
  }

  window.jiesu = { ...window.jiesu, times: { spell, tone, remaining, used, refresh, now } };
  refresh();
  setInterval(() => document.hidden || refresh(), 30_000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  addEventListener("pageshow", () => refresh());
})();
