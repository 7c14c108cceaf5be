// Forms: sent once, what was typed is kept, files can be dropped, selects may send themselves.
"use strict";
(() => {
  // Sent once. A form or button on its way is marked, not disabled, so that the focus stays where it is.
  const buttons = (form) => [...form.elements].filter((e) => e.type === "submit");

  function busy(element, is, pressed) {
    if (!(element instanceof HTMLElement)) return;
    const form = element instanceof HTMLFormElement;
    if (form) element.toggleAttribute("data-busy", is);
    for (const button of form ? buttons(element) : element.matches("button") ? [element] : []) {
      if (is) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      button.classList.toggle("busy", is && (button === pressed || button === element));
    }
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-busy")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    const { submitter } = event;
    setTimeout(() => busy(form, true, submitter)); // after the browser has read the button's value
    if (form.hasAttribute("data-download")) setTimeout(() => busy(form, false), 3000);
    sent(form);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    busy(event.detail.elt, true, event.detail.requestConfig.triggeringEvent?.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => busy(event.detail.elt, false));
  addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach((form) => busy(form, false)));

  // Ctrl+Enter in a text of many lines presses the filled button.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const button = event.target.matches("textarea") && event.target.form?.querySelector(".btn.primary");
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // Kept: forms with data-keep, in this tab alone, under the member and the form's address.
  const member = document.querySelector("meta[name=member]")?.content ?? "";
  const PREFIX = "jiesu.keep:", MINE = `${PREFIX}${member}:`;
  const AGE = 12 * 3600_000; // a shift
  const SKIPPED = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

  const address = (form) => form.getAttribute("hx-post") || form.getAttribute("action") || location.pathname;
  const key = (form) => MINE + address(form);
  const fields = (form) => [...form.elements].filter((e) => e.name && !SKIPPED.has(e.type) && e.tagName !== "BUTTON" && e.tagName !== "FIELDSET");

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
      const now = all[field.name] ??= [];
      if (field.type === "checkbox" || field.type === "radio") field.checked && now.push(field.value);
      else if (field.multiple && field.options) now.push(...[...field.selectedOptions].map((o) => o.value));
      else now.push(field.value);
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

  function keep(event) {
    const form = event.target.form;
    if (form?.hasAttribute("data-keep")) write(form, { at: Date.now(), values: values(form) });
  }

  function sent(form) {
    const kept = form.hasAttribute("data-keep") && read(form);
    if (kept) write(form, { ...kept, sent: true });
  }

  function restore(form) {
    const kept = read(form);
    if (!kept) return;
    const [page] = performance.getEntriesByType("navigation");
    const arrived = kept.sent && !form.querySelector("[aria-invalid=true], .error") && page?.type !== "back_forward";
    if (arrived || Date.now() - kept.at > AGE) return drop(form);
    if (form.querySelector("[aria-invalid=true]") || !fill(form, kept.values)) return;
    const note = document.createElement("p");
    note.className = "kept";
    note.setAttribute("role", "status");
    note.append("已恢复您上次没有提交的内容 ");
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "link";
    clear.textContent = "清除";
    clear.addEventListener("click", () => {
      drop(form);
      form.reset();
      note.remove();
    });
    note.append(clear);
    const body = form.querySelector(".dialog-body") ?? form;
    body.prepend(note);
  }

  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form instanceof HTMLFormElement && form.hasAttribute("data-keep") && event.detail.successful
      && event.detail.xhr.status < 400 && event.detail.requestConfig.verb !== "get") drop(form);
  });

  // Somebody was quicker: the dialog closes, and what was written for nothing can be taken along.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.status !== 409 || !(elt instanceof HTMLFormElement)) return;
    const written = [...elt.querySelectorAll("textarea")].map((field) => field.value.trim()).filter(Boolean).join("\n\n");
    drop(elt);
    if (written) setTimeout(() => window.jiesu.toast("刚才填写的内容没有提交", { tone: "late", press: "复制内容", act: () => copy(written) }));
  });

  // Copying, also where the house is reached without TLS and the browser has no clipboard to offer.
  async function copy(text, said = "已复制") {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "sr";
      (window.jiesu.front?.() ?? document.body).append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) return window.jiesu.toast("浏览器不让复制，请选中后按 Ctrl+C", { tone: "late" });
    }
    window.jiesu.toast(said);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button.dataset.copy, `已复制 ${button.dataset.copy}`);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-forget")) forget(() => true);
  });

  function forget(which) {
    stored((s) => Object.keys(s).filter((k) => k.startsWith(PREFIX) && which(k)).forEach((k) => s.removeItem(k)));
  }

  forget((k) => !k.startsWith(MINE)); // somebody else sat here before

  // Selects and ticks that send their form.
  document.addEventListener("change", (event) => {
    if (event.target.hasAttribute("data-autosubmit")) event.target.form?.requestSubmit();
  });

  // Files dropped or chosen: their names and sizes.
  const size = (bytes) => bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

  function list(zone) {
    const input = zone.querySelector("input[type=file]");
    let place = zone.querySelector(".files");
    if (!place) {
      place = document.createElement("ul");
      place.className = "files";
      zone.append(place);
    }
    place.replaceChildren(...[...input.files].map((file) => {
      const line = document.createElement("li"), name = document.createElement("span"), length = document.createElement("span");
      name.textContent = file.name;
      length.textContent = size(file.size);
      line.append(name, length);
      return line;
    }));
  }

  const zoneOf = (event) => event.target.closest?.("[data-dropzone]");
  document.addEventListener("change", (event) => {
    const zone = zoneOf(event);
    if (zone && event.target.type === "file") list(zone);
  });
  document.addEventListener("dragover", (event) => {
    const zone = zoneOf(event);
    event.preventDefault();
    event.dataTransfer.dropEffect = zone ? "copy" : "none"; // beside the zone a file does nothing
    zone?.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => zoneOf(event)?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const zone = zoneOf(event);
    if (!zone) return;
    zone.classList.remove("over");
    const input = zone.querySelector("input[type=file]");
    if (!event.dataTransfer.files.length) return;
    const files = new DataTransfer();
    [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach((file) => files.items.add(file));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  function ready(root) {
    const forms = root.matches?.("form[data-keep]") ? [root] : root.querySelectorAll("form[data-keep]");
    forms.forEach(restore);
  }

  ready(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && ready(event.detail.elt));
})();
