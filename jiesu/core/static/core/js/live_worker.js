// The stream of the live desk: one for all pages of this browser where it has shared workers, else one a page.
// A page without them loads this file as a script and takes jiesu.Stream from it.
"use strict";
(() => {
  const KINDS = ["case", "gone", "notice", "presence", "here", "many", "duty", "channel", "daily", "resync", "bye", "ping"];
  const SILENCE = 40_000; // the server says something every 15 s
  const FIRST = 2000, LONGEST = 30_000; // between tries of our own

  class Stream {
    constructor(told, changed) {
      Object.assign(this, { told, changed, state: "opening", last: "", since: "", heard: 0, source: null, pause: FIRST, timer: 0 });
      setInterval(() => this.state === "live" && Date.now() - this.heard > SILENCE && this.open(), 10_000);
      addEventListener("offline", () => this.away());
      addEventListener("online", () => this.back());
    }

    start(since) {
      if (this.source || this.timer || this.state === "bye") return;
      this.since = since;
      this.open();
    }

    open() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.source?.close();
      const asked = this.last ? `?last=${encodeURIComponent(this.last)}` : this.since ? `?since=${encodeURIComponent(this.since)}` : "";
      this.heard = Date.now();
      const source = this.source = new EventSource(`/live/${asked}`);
      for (const kind of KINDS) source.addEventListener(kind, (event) => source === this.source && this.take(kind, event));
      source.addEventListener("error", () => source === this.source && this.lost());
    }

    take(kind, event) {
      this.heard = Date.now();
      this.pause = FIRST;
      if (event.lastEventId) this.last = event.lastEventId;
      if (kind === "bye") return this.end();
      this.be("live");
      if (kind !== "ping") this.told(kind, JSON.parse(event.data), this.last);
    }

    lost() {
      this.be("away");
      if (this.source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      this.source = null;
      this.timer = setTimeout(() => this.ask(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST);
    }

    // Refused: it may be that nobody is logged in any more, which a stream cannot say.
    async ask() {
      try {
        const answer = await fetch("/live/now/", { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(5000) });
        if (answer.type === "opaqueredirect" || answer.status === 403) return this.end();
      } catch {
        // away still
      }
      this.open();
    }

    poke() {
      if (this.state === "bye" || (this.state === "live" && Date.now() - this.heard < SILENCE / 2)) return;
      if (this.state === "opening" && Date.now() - this.heard < FIRST) return;
      this.open();
    }

    // What was open when the network went may look open for minutes yet.
    away() {
      if (this.state === "live") this.be("away");
    }

    back() {
      if (this.state !== "bye" && (this.state !== "live" || Date.now() - this.heard > 1000)) this.open();
    }

    end() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.source?.close();
      this.source = null;
      this.be("bye");
    }

    be(state) {
      const changed = this.state !== state;
      this.state = state;
      this.changed(state, changed);
    }
  }

  if (typeof SharedWorkerGlobalScope === "undefined") {
    window.jiesu = { ...window.jiesu, Stream };
    return;
  }

  const RECENT = 60_000, GONE = 150_000;
  const ports = new Map(); // port → { at, visible }
  let recent = [], cases = {};

  const all = (message) => ports.forEach((_, port) => port.postMessage(message));

  // One page alone makes the sound: one that is looked at, else the one heard of last.
  function speaker() {
    let best = null;
    for (const [port, page] of ports) {
      if (Date.now() - page.at > GONE) ports.delete(port);
      else if (!best || page.visible > best[1].visible || (page.visible === best[1].visible && page.at > best[1].at)) best = [port, page];
    }
    return best?.[0];
  }

  function keep(kind, data) {
    if (kind === "here") cases = data.cases;
    else if (kind === "presence" && data.who.length) cases[data.case] = data.who;
    else if (kind === "presence") delete cases[data.case];
    else {
      const now = Date.now();
      recent = recent.filter((one) => now - one.at < RECENT);
      recent.push({ at: now, kind, data });
    }
  }

  const stream = new Stream((kind, data) => {
    keep(kind, data);
    const loud = speaker();
    ports.forEach((_, port) => port.postMessage({ kind, data, loud: port === loud }));
  }, (state) => all({ state }));

  addEventListener("connect", ({ ports: [port] }) => {
    port.addEventListener("message", ({ data }) => {
      if (data.do === "gone") return ports.delete(port);
      ports.set(port, { at: Date.now(), visible: data.visible });
      if (data.do === "attach") {
        port.postMessage({ state: stream.state });
        port.postMessage({ kind: "here", data: { cases } });
        const from = Date.now() - data.age; // what came while the page was on its way
        for (const one of recent) if (one.at >= from) port.postMessage({ kind: one.kind, data: one.data, loud: false });
        stream.start(data.since);
      }
      if (["poke", "away", "back"].includes(data.do)) stream[data.do]();
    });
    port.start();
  });
})();
