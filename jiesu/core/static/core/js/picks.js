// Lists to pick from: typing narrows (name, short name or pinyin initials), Enter picks the first, Enter again sends.
"use strict";
(() => {
  const listOf = (element) => element?.closest?.("[data-picks]");
  const filterOf = (list) => list.querySelector("[data-picks-filter]");
  const boxes = (list) => [...list.querySelectorAll("label[data-find]")];
  const input = (label) => label.querySelector("input");
  const shown = (list) => boxes(list).filter((label) => !label.hidden);

  function narrow(list) {
    const words = filterOf(list).value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    for (const label of boxes(list)) {
      const kept = input(label).type === "checkbox" && input(label).checked;
      label.hidden = !kept && !words.every((word) => label.dataset.find.includes(word));
    }
    for (const group of list.querySelectorAll(".picks-group")) {
      group.hidden = !group.querySelector("label[data-find]:not([hidden])");
    }
    list.querySelector(".picks-none").hidden = shown(list).length > 0;
  }

  // A button with data-says="派给 {unit}" says whom, once somebody is picked.
  function say(form) {
    for (const button of form.querySelectorAll("[data-says]")) {
      button.dataset.plain ??= button.textContent;
      const [, name] = /\{(\w+)\}/.exec(button.dataset.says) ?? [];
      const picked = form.querySelector(`input[name="${name}"]:checked`)?.closest("label")?.querySelector("span");
      button.textContent = picked ? button.dataset.says.replace(/\{\w+\}/, picked.firstChild.textContent.trim()) : button.dataset.plain;
    }
  }

  function pick(list, filter) {
    const words = filter.value.trim();
    const picked = list.querySelector("input:checked");
    if (!words && picked?.type === "radio") return filter.form.requestSubmit();
    const first = shown(list).find((label) => !words || !input(label).checked);
    if (!words || !first) return undefined;
    input(first).click();
    filter.value = "";
    narrow(list);
    input(first).closest("label").scrollIntoView({ block: "nearest" });
    return undefined;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-picks-filter]")) narrow(listOf(event.target));
  });
  document.addEventListener("change", (event) => {
    if (listOf(event.target)) say(event.target.form);
  });
  document.addEventListener("reset", (event) => setTimeout(() => say(event.target)));

  document.addEventListener("keydown", (event) => {
    const list = listOf(event.target);
    if (!list || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const filter = filterOf(list);
    if (event.target !== filter) {
      if (filter && event.key.length === 1 && event.key !== " ") filter.focus(); // the letter goes there
      return;
    }
    if (event.key === "Enter") pick(list, filter);
    else if (event.key === "ArrowDown") shown(list).map(input)[0]?.focus();
    else if (event.key === "Escape" && filter.value) {
      filter.value = "";
      narrow(list);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  function ready(root) {
    for (const form of root.matches?.("form") ? [root] : root.querySelectorAll("form")) say(form);
    for (const picked of root.querySelectorAll("[data-picks] input:checked")) {
      const around = picked.closest(".picks-list");
      around.scrollTop = picked.closest("label").offsetTop - around.offsetTop - around.clientHeight / 2;
    }
  }

  ready(document);
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && ready(event.detail.elt));
})();
