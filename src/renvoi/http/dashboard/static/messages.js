// The player of a message: a button, the waveform to move in, by pointer or keyboard, and the speed.
// Without this the browser's own player is shown.
"use strict";

(() => {
  const STEP_S = 5;
  const SEEN = new WeakSet();

  function clock(seconds) {
    const whole = Math.round(seconds);
    const two = (value) => String(value).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
  }

  function begin(player) {
    if (SEEN.has(player)) return;
    SEEN.add(player);
    const audio = player.querySelector("audio");
    const button = player.querySelector(".play");
    const wave = player.querySelector(".wave");
    const time = player.querySelector("[data-time]");
    const bars = wave.querySelector(".all").getAttribute("d").split(/(?=M)/);
    const whole = player.dataset.whole;
    const icons = { play: button.innerHTML, pause: pauseIcon(button) };

    wave.setAttribute("role", "slider");
    wave.setAttribute("tabindex", "0");
    wave.setAttribute("aria-label", wave.dataset.label);
    wave.setAttribute("aria-valuemin", "0");
    wave.removeAttribute("aria-hidden");
    show();

    function length() {
      return Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : Number(player.dataset.seconds);
    }

    function show() {
      const now = audio.currentTime;
      const share = length() ? Math.min(1, now / length()) : 0;
      // A waveform that is not known is one line, which is drawn as far as it was played.
      const played = bars.length > 1 ? bars.slice(0, Math.round(share * bars.length)).join("") : `M0 16h${200 * share}`;
      wave.querySelector(".played").setAttribute("d", played);
      time.textContent = clock(now);
      wave.setAttribute("aria-valuemax", String(Math.round(length())));
      wave.setAttribute("aria-valuenow", String(Math.round(now)));
      wave.setAttribute("aria-valuetext", `${clock(now)} / ${whole}`);
    }

    function state() {
      const plays = !audio.paused;
      button.innerHTML = plays ? icons.pause : icons.play;
      button.setAttribute("aria-label", plays ? player.dataset.pause : player.dataset.play);
    }

    function move(seconds) {
      audio.currentTime = Math.max(0, Math.min(length(), seconds));
      show();
    }

    function toggle() {
      if (!audio.paused) { audio.pause(); return; }
      for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
      audio.play().catch(() => { player.querySelector("[data-error]").hidden = false; });
    }

    button.addEventListener("click", toggle);
    wave.addEventListener("click", (event) => {
      const place = wave.getBoundingClientRect();
      move(((event.clientX - place.left) / place.width) * length());
    });
    wave.addEventListener("keydown", (event) => {
      const steps = {
        ArrowRight: () => move(audio.currentTime + STEP_S),
        ArrowUp: () => move(audio.currentTime + STEP_S),
        ArrowLeft: () => move(audio.currentTime - STEP_S),
        ArrowDown: () => move(audio.currentTime - STEP_S),
        Home: () => move(0),
        End: () => move(length()),
        " ": toggle,
        Enter: toggle,
      };
      if (!steps[event.key]) return;
      event.preventDefault();
      steps[event.key]();
    });
    player.querySelector(".speed").addEventListener("change", (event) => {
      audio.playbackRate = Number(event.target.value);
    });
    for (const kind of ["play", "seeking", "ratechange"]) {
      audio.addEventListener(kind, () => { player.dataset.used = ""; }, { once: true });
    }
    for (const kind of ["timeupdate", "seeked", "loadedmetadata"]) audio.addEventListener(kind, show);
    for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, state);
    audio.addEventListener("error", () => { player.querySelector("[data-error]").hidden = false; });
    audio.addEventListener("play", () => heard(player.closest("[data-message]")), { once: true });
  }

  function pauseIcon(button) {
    const made = button.querySelector("svg").cloneNode(true);
    made.innerHTML = '<path d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/>';
    return made.outerHTML;
  }

  // Who listens has heard it: the form that says so is sent, and the page shows what it would show after that.
  async function heard(message) {
    const form = message.querySelector("[data-heard-form]");
    if (!form || !form.elements.namedItem("heard")) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("next", `/messages/${message.id}`);
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) return;
    message.querySelector("[data-new]")?.remove();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const newer = page.getElementById(message.id)?.querySelector("[data-heard-form]");
    if (newer) form.replaceWith(document.adoptNode(newer));
    const count = page.getElementById("nav-new");
    if (count) document.getElementById("nav-new")?.replaceWith(document.adoptNode(count));
  }

  function beginAll() {
    document.querySelectorAll("[data-player]").forEach(begin);
  }

  document.addEventListener("DOMContentLoaded", beginAll);
  document.addEventListener("renvoi:refreshed", beginAll);
})();
