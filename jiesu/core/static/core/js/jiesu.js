// The page and the house behind it: tokens, a lost connection, the panes, the look.
"use strict";
(() => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  const banner = document.getElementById("offline");
  const probe = document.currentScript?.src ?? location.href;
  const toast = (...words) => window.jiesu?.toast?.(...words);

  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, headers, triggeringEvent } = event.detail;
    if (verb !== "get" && token) headers["X-CSRFToken"] = token;
    // what a page asks by itself is no sign of somebody being there
    if (!triggeringEvent || /^live|^case-changed/.test(triggeringEvent.type)) headers["X-By-Itself"] = "1";
  });

  // A whole page of its own kind (login after an idle hour) is never put into a pane.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, serverResponse } = event.detail;
    if (xhr.status >= 400 || !/<html[^>]*\sdata-alone/.test(serverResponse ?? "")) return;
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  });

  const REASONS = {
    403: "没有做成：当前账号没有这一步的权限，或页面放得太久。请刷新后再试",
    404: "没有找到，可能已被移走或不在您可查看的范围内",
    413: "文件太大，请分成几份后再传",
    429: "操作太频繁，请稍候再试",
  };
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return; // it has said so itself
    const number = /错误编号\s*<b[^>]*>([\w-]+)/.exec(xhr.responseText ?? "")?.[1];
    toast(REASONS[xhr.status] ?? `系统出错了，这一步没有完成，请稍候重试${number ? `（错误编号 ${number}）` : ""}`, { tone: "late" });
  });
  document.addEventListener("htmx:timeout", () => toast("等待太久没有回音，请稍候重试", { tone: "late" }));

  // A lost connection: say so, keep trying, and ask again for what was only being read.
  let lost = null, timer = 0;

  function offline(request) {
    if (request) lost = request;
    if (!banner || !banner.hidden) return;
    (window.jiesu?.front?.() ?? document.body).append(banner);
    banner.hidden = false;
    timer = setInterval(reach, 5000);
  }

  function online() {
    if (!banner || banner.hidden) return;
    banner.hidden = true;
    document.body.append(banner); // a swap may have taken it along
    clearInterval(timer);
    const again = lost;
    lost = null;
    if (!again) return;
    if (again.verb === "get" && again.elt.isConnected) {
      window.htmx.ajax("GET", again.path, { source: again.elt, target: again.target });
    } else toast("网络已恢复，刚才的一步没有送到，请再提交一次", { tone: "late" });
  }

  async function reach() {
    try {
      const answer = await fetch(probe, { method: "HEAD", cache: "no-store" });
      if (answer.ok) online();
    } catch {
      // still away: the next try is five seconds off
    }
  }

  addEventListener("offline", () => offline());
  addEventListener("online", reach);
  document.addEventListener("htmx:sendError", (event) => {
    const { elt, target, requestConfig } = event.detail;
    const pressed = requestConfig.triggeringEvent && { elt, target, verb: requestConfig.verb, path: requestConfig.path };
    offline(pressed); // a poll asks again by itself
  });
  document.addEventListener("htmx:afterRequest", (event) => event.detail.xhr?.status > 0 && online());
  document.addEventListener("click", (event) => event.target.closest("[data-retry]") && reach());

  // Panes: the open case is marked in the queue; on a phone it comes to the front, and 返回 goes back.
  function mark() {
    const open = document.querySelector("#case [data-case]")?.dataset.case;
    for (const row of document.querySelectorAll(".queue [data-row]")) {
      const link = row.matches("a") ? row : row.querySelector("a");
      const is = open ? row.dataset.row === open : link?.pathname === location.pathname;
      if (is) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  // A refresh that was asked for before another case was opened does not bring the earlier one back.
  let stale = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    stale = requestConfig.elt?.id === "refresh" && new URL(xhr.responseURL).pathname !== location.pathname;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (stale && event.detail.target.id === "case") event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const pane = document.getElementById("case"), desk = pane?.closest(".desk");
    if (!pane || !desk) return;
    mark();
    if (event.detail.target !== pane || !event.detail.requestConfig?.elt?.closest("[data-row]")) return;
    pane.scrollTop = 0;
    desk.dataset.pane = "case";
    if (matchMedia("(max-width: 800px)").matches) pane.focus({ preventScroll: true });
  });
  document.addEventListener("click", (event) => {
    const back = event.target.closest("[data-back]"), desk = back?.closest(".desk");
    if (!desk || !desk.querySelector(".queue [data-row]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    desk.dataset.pane = "list";
    history.replaceState(history.state, "", back.href);
    desk.querySelector("[data-row][aria-current]")?.focus();
  });

  document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());

  // The look: what the system wishes, light, dark, and round again.
  const THEMES = { system: "跟随系统", light: "浅色", dark: "深色" };

  function name(button) {
    const now = document.documentElement.dataset.theme ?? "system";
    button.setAttribute("aria-label", `外观：${THEMES[now]}`);
    button.title = `外观：${THEMES[now]}`;
    return now;
  }

  document.querySelectorAll("[data-theme-switch]").forEach(name);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch]");
    if (!button) return;
    const order = Object.keys(THEMES);
    const next = order[(order.indexOf(name(button)) + 1) % order.length];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("jiesu.theme", next);
    } catch {
      // not kept, but seen
    }
    name(button);
    toast(`外观：${THEMES[next]}`);
  });
})();
