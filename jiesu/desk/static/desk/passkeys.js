// Passkeys: asked of the browser, answered to the house. Nothing of it is needed where there are none.
"use strict";
(() => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const rooms = document.querySelectorAll("[data-passkey-login], [data-passkey-add]");
  if (!rooms.length || !token || !window.PublicKeyCredential || !isSecureContext) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  function asked(told) {
    const key = { ...told.publicKey, challenge: bytes(told.publicKey.challenge) };
    if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (key[list]) key[list] = key[list].map((one) => ({ ...one, id: bytes(one.id) }));
    }
    return { publicKey: key };
  }

  function answered({ id, rawId, type, response }) {
    const told = { clientDataJSON: text(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[name]) told[name] = text(response[name]);
    }
    return { id, rawId: text(rawId), type, response: told, clientExtensionResults: {} };
  }

  async function send(url, body) {
    const answer = await fetch(url, {
      method: "POST", body: JSON.stringify(body ?? {}), redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    });
    if (answer.headers.get("content-type")?.startsWith("text/html") && answer.ok) return { page: await answer.text() };
    if (!answer.headers.get("content-type")?.startsWith("application/json")) throw new Error("没有成功，请刷新本页再试");
    const told = await answer.json();
    if (told.said) throw new Error(told.said);
    return told;
  }

  for (const room of rooms) {
    const button = room.querySelector("[data-passkey]"), said = room.querySelector("[data-passkey-said]");
    const adds = room.matches("[data-passkey-add]");
    button.hidden = false;
    room.querySelector("[data-passkey-new]")?.removeAttribute("hidden");
    room.querySelector("[data-passkey-unable]")?.remove();
    button.addEventListener("click", async () => {
      button.disabled = true;
      said.hidden = true;
      try {
        const told = await send(room.dataset.ask);
        if (told.go) return location.assign(told.go);
        const wanted = asked(told);
        const made = adds ? await navigator.credentials.create(wanted) : await navigator.credentials.get(wanted);
        const name = room.querySelector("[data-passkey-name]")?.value ?? "";
        const done = await send(room.dataset.answer, { credential: answered(made), name });
        if (done.page) room.parentElement.replaceChildren(...new DOMParser().parseFromString(done.page, "text/html").body.childNodes);
        else location.assign(done.go);
      } catch (fault) {
        const known = { NotAllowedError: "没有完成：超时或取消了，请再试一次。", InvalidStateError: "这台设备已经添加过了。", SecurityError: "请从域名（不是 IP 地址）打开本系统再试。" };
        said.textContent = known[fault.name] ?? (fault instanceof TypeError ? "网络没有通，请再试一次。" : fault.message);
        said.hidden = false;
      }
      button.disabled = false;
    });
  }
})();
