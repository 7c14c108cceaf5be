// Before a log-in ends by itself: say so, and let whoever is there go on.
"use strict";
(() => {
  const meta = document.querySelector("meta[name=session-ends]");
  const dialog = document.getElementById("session");
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (!meta || !dialog) return;

  const WARN = 120; // seconds before the end
  const words = dialog.querySelector("[data-session-words]"), stay = dialog.querySelector("[data-stay]");
  let over = 0, timer = 0, longest = false;

  const left = () => Math.round((over - performance.now()) / 1000);
  const spoken = (seconds) => seconds >= 60 ? `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒` : `${seconds} 秒`;

  async function ask(url, method) {
    try {
      const answer = await fetch(url, { method, redirect: "manual", cache: "no-store", headers: { "X-CSRFToken": token } });
      if (answer.ok) return await answer.json();
      return answer.type === "opaqueredirect" || answer.status === 403 ? { left: 0 } : null;
    } catch {
      return null; // away: the next look will tell
    }
  }

  function take(told) {
    longest = told.longest;
    over = performance.now() + told.left * 1000;
    clearTimeout(timer);
    if (told.left > WARN + 5) {
      if (dialog.open) dialog.close();
      timer = setTimeout(look, (told.left - WARN) * 1000);
    } else if (told.left > 0) warn();
    else location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}&over=1`);
  }

  // Another page of the same browser may have kept it going meanwhile.
  async function look() {
    const told = await ask(dialog.dataset.left, "GET");
    if (told) take(told);
    else timer = setTimeout(look, 5000);
  }

  function warn() {
    const seconds = Math.max(0, left());
    words.textContent = longest
      ? `已到一次登录的最长时间，${spoken(seconds)}后退出。请先保存手上的内容，再重新登录。`
      : `您有一阵没有操作了，${spoken(seconds)}后自动退出。没有交上的内容会存为草稿。`;
    stay.hidden = longest;
    if (!dialog.open) dialog.showModal();
    timer = seconds > 0 ? setTimeout(seconds % 15 === 0 ? look : warn, 1000) : setTimeout(look, 500);
  }

  stay.addEventListener("click", async () => {
    const told = await ask(dialog.dataset.stay, "POST");
    if (told) take(told);
  });
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => { if (!document.hidden && left() < WARN) look(); });

  const now = document.querySelector("meta[name=now]")?.content; // the server's clock
  take({ left: Math.max(1, Math.round((new Date(meta.content) - new Date(now)) / 1000)), longest: meta.dataset.longest !== undefined });
})();
