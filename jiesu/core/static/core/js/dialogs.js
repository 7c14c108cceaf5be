// What floats: dialogs filled by htmx, the question before a lasting step, toasts, menus.
"use strict";
(() => {
  const dialog = document.getElementById("dialog");
  const confirmation = document.getElementById("confirm");

  // A piece swapped into #dialog opens it; an empty one, or the event close-dialog, closes it.
  function settle() {
    if ([...dialog.children].every((piece) => piece.matches(".toasts, #offline"))) return close();
    dialog.classList.toggle("wide", dialog.querySelector("[data-wide]") !== null);
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector("[aria-invalid=true], [autofocus]")
      ?? dialog.querySelector(".dialog-body :is(input:not([type=hidden]), select, textarea)")
      ?? dialog.querySelector(".dialog-acts .btn.primary"); // nothing to fill in: yes or no
    // a finger chooses itself what to fill in: the keyboard of a phone would cover half of the form
    if (first?.matches("[aria-invalid=true]") || !matchMedia("(pointer: coarse)").matches) first?.focus();
  }

  function close() {
    if (dialog?.open) dialog.close();
  }

  // What lies outside an open dialog cannot be seen clearly nor pressed, so words to be read go into it.
  const front = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

  document.addEventListener("close", (event) => {
    const shared = document.getElementById("toasts");
    event.target.querySelectorAll?.(".toast").forEach((one) => shared?.append(one));
    const banner = event.target.querySelector?.("#offline");
    if (banner) document.body.append(banner);
  }, true);

  dialog?.addEventListener("close", () => {
    if (dialog.open) return; // another form came before the news of the close
    dialog.replaceChildren();
    if (!document.activeElement || document.activeElement === document.body) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const nothing = event.detail.xhr?.getResponseHeader("HX-Reswap") === "none"; // closed by its own answer
    if (event.detail.target === dialog && !nothing) settle();
  });
  // The late answer of a press outside does not close the form that was opened since.
  document.addEventListener("close-dialog", (event) => {
    if (dialog?.contains(event.target)) close();
  });

  // A form on its way is asked for once, however often it is pressed; Esc calls it off.
  const COMING = '.htmx-request[hx-target="#dialog"]:not(form)';
  document.addEventListener("click", (event) => {
    if (!event.target.closest(COMING)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || dialog?.open) return;
    for (const link of document.querySelectorAll(COMING)) window.htmx.trigger(link, "htmx:abort");
  });

  // A form inside the dialog: what is to be corrected stays in it, whatever its target; done closes it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig, target } = event.detail;
    if (!dialog?.open || !dialog.contains(requestConfig?.elt)) return;
    if (xhr.status === 422 && target !== dialog && !xhr.getResponseHeader("HX-Retarget")) {
      event.detail.target = dialog;
      event.detail.swapOverride = "innerHTML";
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { successful, target, requestConfig } = event.detail;
    const ours = dialog?.open && requestConfig?.verb !== "get" && dialog.contains(requestConfig?.elt);
    if (ours && successful && !dialog.contains(target)) close();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.open)?.showModal();
      return;
    }
    if (event.target.closest("[data-close]")) {
      const open = event.target.closest("dialog");
      if (open) {
        event.preventDefault();
        open.close();
      }
    } else if (event.target instanceof HTMLDialogElement && event.target.matches(".drawer, #help")) {
      event.target.close(); // a press beside it
    }
  });

  // data-closes-after="180" data-closes-to="/…": what was opened for a look is gone after a while, and on leaving.
  let leaving;
  function shut(piece) {
    if (!piece.isConnected) return;
    const open = piece.closest("dialog");
    piece.remove();
    if (open) open.close();
    else window.location.replace(piece.dataset.closesTo);
  }
  function watch(root) {
    const piece = root.querySelector?.("[data-closes-after]");
    if (!piece) return;
    clearTimeout(leaving);
    leaving = setTimeout(() => shut(piece), Number(piece.dataset.closesAfter) * 1000);
    piece.closest("dialog")?.addEventListener("close", () => piece.remove(), { once: true });
    window.addEventListener("pagehide", () => piece.remove(), { once: true });
  }
  document.addEventListener("htmx:afterSwap", (event) => watch(event.detail.target));
  document.addEventListener("DOMContentLoaded", () => watch(document));

  // data-confirm="…" on a button, a link or a form asks first; 确定 then lets the same press through.
  const allowed = new WeakSet();

  function ask(words, yes, danger) {
    confirmation.querySelector("#confirm-text").textContent = words;
    const button = confirmation.querySelector("[data-yes]");
    button.textContent = yes || "确定";
    button.classList.toggle("danger", danger);
    button.classList.toggle("primary", !danger);
    confirmation.returnValue = "no";
    confirmation.showModal();
    button.focus();
    return new Promise((answer) => {
      confirmation.addEventListener("close", () => answer(confirmation.returnValue === "yes"), { once: true });
    });
  }

  function guard(event, element, again) {
    if (!confirmation || !element || allowed.delete(element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(element.dataset.confirm, element.dataset.confirmYes, "confirmDanger" in element.dataset).then((yes) => {
      if (!yes) return;
      allowed.add(element);
      again();
    });
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-confirm]:not(form)");
    guard(event, element, () => element.click());
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target.matches("form[data-confirm]") ? event.target : null;
    const { submitter } = event;
    guard(event, form, () => form.requestSubmit(submitter));
  }, true);

  // Toasts go by themselves, but never from under a hand or an eye that rests on them.
  const STAY = 6000, STAY_WITH_UNDO = 12000;

  function live(element) {
    if (element.dataset.live) return;
    element.dataset.live = "1";
    let timer;
    const leave = () => element.remove();
    const wait = () => {
      clearTimeout(timer);
      const stay = element.querySelector(".toast-undo") ? STAY_WITH_UNDO : STAY;
      timer = setTimeout(leave, element.classList.contains("late") || element.classList.contains("error") ? stay * 2 : stay);
    };
    const hold = () => clearTimeout(timer);
    element.addEventListener("mouseenter", hold);
    element.addEventListener("mouseleave", wait);
    element.addEventListener("focusin", hold);
    element.addEventListener("focusout", wait);
    const cross = document.createElement("button");
    cross.type = "button";
    cross.className = "toast-close";
    cross.setAttribute("aria-label", "关闭");
    cross.textContent = "×";
    cross.addEventListener("click", leave);
    element.append(cross);
    element.querySelector("form")?.addEventListener("submit", () => setTimeout(leave));
    wait();
  }

  function seat() {
    const open = front();
    if (open === document.body) return document.getElementById("toasts");
    let place = open.querySelector(".toasts");
    if (!place) {
      place = document.createElement("div");
      place.className = "toasts";
      place.setAttribute("role", "status");
      open.append(place);
    }
    return place;
  }

  function toast(text, { undo, tone, press, act } = {}) {
    const place = seat();
    if (!place || !text) return;
    const element = document.createElement("div");
    element.className = `toast ${tone ?? ""}`;
    element.dataset.toast = "";
    const words = document.createElement("p");
    words.textContent = text;
    element.append(words);
    if (press) {
      const more = document.createElement("button");
      more.type = "button";
      more.className = "toast-undo";
      more.textContent = press;
      more.addEventListener("click", () => {
        act();
        element.remove();
      });
      element.append(more);
    }
    if (undo) {
      const back = document.createElement("button");
      back.type = "button";
      back.className = "toast-undo";
      back.textContent = "撤销";
      back.addEventListener("click", () => {
        window.htmx?.ajax("POST", undo, { source: document.body, swap: "none" });
        element.remove();
      });
      element.append(back);
    }
    place.append(element);
    live(element);
  }

  // HX-Trigger: {"toast": {"text": "已签收", "undo": "/…", "tone": "late"}}
  document.addEventListener("toast", (event) => toast(event.detail?.text ?? event.detail?.value, event.detail));
  const place = document.getElementById("toasts");
  if (place) {
    new MutationObserver(() => place.querySelectorAll("[data-toast]").forEach(live)).observe(place, { childList: true });
    place.querySelectorAll("[data-toast]").forEach(live);
  }

  // Menus are <details data-menu>: one at a time, closed by a press elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target) || event.target.closest(".menu-item, .sheet a")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopImmediatePropagation();
    }
  });

  window.jiesu = { ...window.jiesu, toast, ask, front };
})();
