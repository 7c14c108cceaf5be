// Forms: sent once, words can be copied, files can be dropped, selects may send themselves.
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

  // Somebody was quicker and nothing can be shown beside it: what was written can be taken along.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt } = event.detail;
    if (xhr.status !== 409 || !(elt instanceof HTMLFormElement) || xhr.getResponseHeader("HX-Reswap") !== "none") return;
    const written = [...elt.querySelectorAll("textarea")].map((field) => field.value.trim()).filter(Boolean).join("\n\n");
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
    if (button) copy(button.dataset.copy, button.dataset.copySaid ?? `已复制 ${button.dataset.copy}`);
  });

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
})();
