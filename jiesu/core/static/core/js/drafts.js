// Kept: what was typed into a form with data-keep. In this tab at once; a long form also on the server,
// 1.5 s after the hand rests and when the page goes. The newest of both comes back with the form.
"use strict";
(() => {
  const member = document.querySelector("meta[name=member]")?.content ?? "";
  const PREFIX = "jiesu.keep:", MINE = `${PREFIX}${member}:`;
  const AGE = 12 * 3600_000; // a shift, in the tab; the server keeps longer
  const REST = 1500, AGAIN = 5000;
  const SKIPPED = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

  const now = () => window.jiesu?.times?.now() ?? Date.now();
  const address = (form) => form.getAttribute("hx-post") || form.getAttribute("action") || decodeURIComponent(location.pathname);
  const key = (form) => MINE + address(form);
  const fields = (form) => [...form.elements].filter((e) => e.name && !SKIPPED.has(e.type) && e.tagName !== "BUTTON" && e.tagName !== "FIELDSET");
  const long = (form) => [...form.elements].some((e) => e.tagName === "TEXTAREA");

  function stored(work) {
    try {
      return work(sessionStorage);
    } catch {
      return null; // full or closed: the page works, only without the net below it
    }
  }

  const read = (form) => stored((s) => JSON.parse(s.getItem(key(form))));
  const write = (form, kept) => stored((s) => s.setItem(key(form), JSON.stringify(kept)));
  const drop = (form) => stored((s) => s.removeItem(key(form)));

  function values(form) {
    const all = {};
    for (const field of fields(form)) {
      const told = all[field.name] ??= [];
      if (field.type === "checkbox" || field.type === "radio") field.checked && told.push(field.value);
      else if (field.multiple && field.options) told.push(...[...field.selectedOptions].map((o) => o.value));
      else told.push(field.value);
    }
    return all;
  }

  function fill(form, all) {
    const at = {};
    let changed = false;
    for (const field of fields(form)) {
      const kept = all[field.name];
      if (!kept) continue;
      const before = `${field.value}|${field.checked}`;
      if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
      else if (field.multiple && field.options) for (const option of field.options) option.selected = kept.includes(option.value);
      else field.value = kept[at[field.name] = (at[field.name] ?? -1) + 1] ?? "";
      changed ||= before !== `${field.value}|${field.checked}`;
    }
    return changed;
  }

  // On the server: one save at a time for a form, the last one counts; a sent form saves no more.
  const waiting = new Map(); // form → timer
  const going = new WeakMap(); // form → the save under way
  const gone = new WeakSet(); // sent

  function told(form) {
    const body = new URLSearchParams({
      csrfmiddlewaretoken: document.querySelector("meta[name=csrf-token]")?.content ?? "",
      address: address(form), values: JSON.stringify(values(form)), once: form.elements.once?.value ?? "",
      title: form.querySelector(".dialog-head h2")?.firstChild?.textContent.trim() || document.title.split(" · ")[0],
    });
    return body;
  }

  const written = (form) => [...form.querySelectorAll("textarea")].some((e) => e.value.trim() && e.value !== e.defaultValue);

  function say(form, words) {
    const foot = form.querySelector(".dialog-acts, .form-acts");
    if (!foot) return;
    let place = foot.querySelector(".saved");
    if (!place) {
      place = document.createElement("span");
      place.className = "saved muted num";
      foot.prepend(place);
    }
    place.textContent = words;
  }

  function later(form, rest = REST) {
    if (!long(form) || gone.has(form)) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), rest));
  }

  async function save(form) {
    waiting.delete(form);
    if (gone.has(form)) return;
    if (going.has(form)) return later(form, 300);
    if (!written(form) && !form.hasAttribute("data-was-kept")) return;
    if (!written(form)) return void clear(form);
    const stop = new AbortController();
    going.set(form, stop);
    try {
      const answer = await fetch("/drafts/", { method: "POST", body: told(form), redirect: "manual", signal: stop.signal });
      if (answer.status === 200) {
        const { saved } = await answer.json();
        form.setAttribute("data-was-kept", "");
        say(form, `已自动保存 ${saved}`);
      } else if (answer.status === 413) say(form, (await answer.json()).said);
      else if (answer.status !== 204) say(form, "未能自动保存到服务器，内容还在本页");
    } catch {
      if (!gone.has(form)) later(form, AGAIN); // no network: it is in the tab meanwhile
    } finally {
      going.delete(form);
    }
  }

  function clear(form) {
    const body = told(form);
    body.set("quiet", "1");
    form.removeAttribute("data-was-kept");
    form.querySelector(".saved")?.remove();
    fetch("/drafts/drop/", { method: "POST", body, keepalive: true }).catch(() => {});
  }

  addEventListener("pagehide", () => {
    for (const [form, timer] of waiting) {
      clearTimeout(timer);
      if (!gone.has(form) && written(form)) navigator.sendBeacon("/drafts/", told(form));
    }
    waiting.clear();
  });

  function keep(event) {
    const form = event.target.form;
    if (!form?.hasAttribute("data-keep")) return;
    write(form, { at: now(), values: values(form) });
    later(form);
  }

  function send(form) {
    if (!form.hasAttribute("data-keep")) return;
    gone.add(form);
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    going.get(form)?.abort();
    const kept = read(form);
    if (kept) write(form, { ...kept, sent: true });
  }

  function moment(at) {
    const here = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
      timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
    }).formatToParts(at).map(({ type, value }) => [type, value]));
    return `${Number(here.month)}月${Number(here.day)}日 ${here.hour}:${here.minute}`;
  }

  function newest(form) {
    const tab = read(form), [page] = performance.getEntriesByType("navigation");
    const arrived = tab?.sent && !form.querySelector("[aria-invalid=true], .error") && page?.type !== "back_forward";
    const held = tab && !arrived && now() - tab.at < AGE ? tab : null;
    if (tab && !held) drop(form);
    const server = form.dataset.draft ? { at: Date.parse(form.dataset.draftAt), values: JSON.parse(form.dataset.draft), server: true } : null;
    return held && (!server || held.at > server.at) ? held : server;
  }

  function restore(form) {
    const kept = newest(form);
    if (form.dataset.draft) form.setAttribute("data-was-kept", "");
    if (!kept || form.querySelector("[aria-invalid=true]") || !fill(form, kept.values)) return;
    const note = document.createElement("p");
    note.className = "kept";
    note.setAttribute("role", "status");
    note.append(`已恢复您上次没有提交的内容（${moment(kept.at)} 保存）· `);
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "link";
    undo.textContent = "清除";
    undo.addEventListener("click", () => {
      drop(form);
      clearTimeout(waiting.get(form));
      clear(form);
      form.reset();
      note.remove();
      form.querySelector("textarea")?.focus();
    });
    note.append(undo);
    (form.querySelector(".dialog-body") ?? form).prepend(note);
    if (!kept.server) later(form);
  }

  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.method === "post") send(event.target);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (elt instanceof HTMLFormElement && requestConfig.verb !== "get") send(elt);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt: form, xhr, requestConfig } = event.detail;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-keep") || requestConfig.verb === "get") return;
    if (xhr.status >= 200 && (xhr.status < 400 || xhr.status === 409)) return drop(form); // done, or kept by the server
    gone.delete(form); // still here: it goes on being kept
    if (form.isConnected) later(form);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-forget")) forget(() => true);
  });

  function forget(which) {
    stored((s) => Object.keys(s).filter((k) => k.startsWith(PREFIX) && which(k)).forEach((k) => s.removeItem(k)));
  }

  forget((k) => !k.startsWith(MINE)); // somebody else sat here before

  function ready(root) {
    const forms = root.matches?.("form[data-keep]") ? [root] : root.querySelectorAll("form[data-keep]");
    for (const form of forms) {
      restore(form);
      if (form.querySelector("[aria-invalid=true], [role=alert]") && long(form)) later(form); // came back to be corrected
    }
  }

  ready(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && ready(event.detail.elt));
})();
