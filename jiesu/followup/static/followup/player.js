// The player: picture, speed, three seconds to and fro, marks by one key, a sentence heard by a click.
"use strict";
(() => {
  const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
  const spell = (seconds) => {
    const whole = Math.floor(seconds), hours = Math.floor(whole / 3600);
    const rest = `${Math.floor((whole % 3600) / 60)}`, last = `${whole % 60}`.padStart(2, "0");
    return hours ? `${hours}:${rest.padStart(2, "0")}:${last}` : `${rest}:${last}`;
  };
  const read = (text) => (text.trim() ? text.split(/[:：]/).reduce((sum, part) => sum * 60 + Number(part), 0) : NaN);

  function start(player) {
    const sound = player.querySelector("audio"), wave = player.querySelector("[data-wave]");
    const head = player.querySelector("[data-head]"), done = wave?.querySelector(".wave-done");
    const now = player.querySelector("[data-now]"), speed = player.querySelector("[data-speed]");
    const playing = player.querySelector("[data-playing]"), form = player.closest("form");
    const lines = [...player.querySelectorAll("[data-from]")];
    const long = () => (Number.isFinite(sound.duration) && sound.duration) || Number(player.dataset.seconds) || 0;
    const field = (name) => form?.elements.namedItem(`${name}_s`);

    function seek(to) {
      sound.currentTime = Math.min(Math.max(to, 0), Math.max(long() - 0.05, 0));
      draw();
    }

    function place(element, at) {
      const part = long() ? Math.min(at / long(), 1) : 0;
      element.hidden = false;
      element.style.left = `${part * 100}%`; // by the object model, which the content policy allows
    }

    function draw() {
      const at = sound.currentTime;
      now.textContent = spell(at);
      if (head) {
        place(head, at);
        done.style.clipPath = `inset(0 ${100 - (long() ? (at / long()) * 100 : 0)}% 0 0)`;
      }
      for (const line of lines) line.toggleAttribute("data-on", at >= Number(line.dataset.from) && at < Number(line.dataset.to));
      playing.textContent = sound.paused ? "播放" : "暂停";
    }

    function flags() {
      if (!wave) return;
      wave.querySelectorAll(".wave-mark").forEach((old) => old.remove());
      for (const button of player.querySelectorAll("[data-mark]")) {
        const at = read(field(button.dataset.mark)?.value ?? "");
        if (Number.isNaN(at)) continue;
        const flag = document.createElement("b");
        flag.className = "wave-mark";
        flag.textContent = button.dataset.keyLabel.replace(/标记|[“”]/g, "");
        wave.append(flag);
        place(flag, at);
      }
    }

    function put(input, value) {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true })); // so that the draft is kept
      flags();
    }

    const DO = {
      play: () => (sound.paused ? sound.play().catch(() => window.jiesu?.toast?.("这个录音播放不了，请下载原件来听")) : sound.pause()),
      back: () => seek(sound.currentTime - 3),
      forward: () => seek(sound.currentTime + 3),
      slower: () => turn(-1),
      faster: () => turn(1),
    };

    function turn(by) {
      const at = SPEEDS.indexOf(sound.playbackRate);
      sound.playbackRate = SPEEDS[Math.min(Math.max((at < 0 ? 2 : at) + by, 0), SPEEDS.length - 1)];
      speed.textContent = `${sound.playbackRate.toFixed(2).replace(/0$/, "")}×`;
    }

    function take({ take: name, value, at, text }) {
      if (name === "demand") return put(form.elements.demand, [form.elements.demand.value.trim(), text].filter(Boolean).join("\n"));
      const choice = form.querySelector(`[name="${name}"][value="${value}"]`);
      if (choice) choice.checked = true;
      const input = field(name);
      if (input) put(input, at);
      else choice?.dispatchEvent(new Event("input", { bubbles: true }));
    }

    player.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const { mark, seek: to, do: what, take: taken } = button.dataset;
      if (what) DO[what]();
      if (to !== undefined) {
        seek(Number(to));
        if (sound.paused) DO.play();
      }
      if (mark) put(field(mark), spell(sound.currentTime));
      if (taken) take(button.dataset);
    });
    wave?.addEventListener("click", (event) => {
      const box = wave.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * long());
    });
    for (const kind of ["timeupdate", "play", "pause", "loadedmetadata", "seeked", "ended"]) sound.addEventListener(kind, draw);
    form?.addEventListener("change", flags);
    draw();
    flags();
    player.dataset.ready = "";
  }

  document.querySelectorAll("[data-player]").forEach(start);
})();
