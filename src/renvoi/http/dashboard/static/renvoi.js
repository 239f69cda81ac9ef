// What pages can do besides with JavaScript. Every page works without it.
"use strict";

(() => {
  // Live: when something happens, the page is asked for again, and its parts marked data-live are replaced.
  const WAIT_MS = 250;
  const RETRY_MS = 5000;
  const MISSED = "*";
  let due = null;
  let asking = false;
  let askAgain = false;
  let isPassedOver = false;

  function soon() {
    due = due ?? setTimeout(refresh, WAIT_MS);
  }

  // One request at a time: the answer to an older one is not shown in place of a newer one's.
  async function refresh() {
    due = null;
    askAgain = asking;
    if (asking) return;
    asking = true;
    try { await showNewer(); } finally { asking = false; }
    if (askAgain) await refresh();
  }

  async function showNewer() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // An operator who acts for another account now is not shown its data under the name of this one.
    if (page.body.dataset.account !== document.body.dataset.account) { location.reload(); return; }
    let again = null;
    isPassedOver = false;
    for (const part of document.querySelectorAll("[data-live][id]")) {
      const newer = page.getElementById(part.id);
      // Whoever is in the middle of it is not disturbed: neither what is filled in nor what plays. What has the focus
      // keeps it, where it has an id to be found by again.
      const focused = part.contains(document.activeElement) ? document.activeElement : null;
      const busy = focused && (!focused.id || focused.matches("input, select, textarea"));
      const plays = [...part.querySelectorAll("audio")].some((audio) => !audio.paused);
      if (!newer || newer.innerHTML === part.innerHTML) continue;
      if (busy || plays) { isPassedOver = true; continue; }
      document.adoptNode(newer);
      keepUsed(part, newer);
      part.replaceWith(newer);
      again = focused?.id ?? again;
    }
    document.dispatchEvent(new CustomEvent("renvoi:refreshed"));
    if (again) document.getElementById(again)?.focus({ preventScroll: true });
  }

  // What somebody has opened stays open, and what they use, such as a player that stands at some place, stays itself.
  function keepUsed(part, newer) {
    for (const opened of part.querySelectorAll("details[open][id]")) {
      newer.querySelector(`#${CSS.escape(opened.id)}`)?.setAttribute("open", "");
    }
    for (const used of part.querySelectorAll("[data-used][id]")) {
      newer.querySelector(`#${CSS.escape(used.id)}`)?.replaceWith(used);
    }
  }

  // One stream for all tabs of the browser, which may have six connections to a server: who holds the lock has it, and
  // tells the others. Without locks, which browsers keep for HTTPS and this machine, only a tab that is seen has one.
  function listen(url, kinds) {
    const parts = [...document.querySelectorAll("[data-live]")];
    const wanted = new Set(parts.flatMap((part) => part.dataset.live.split(" ")).filter(Boolean));
    if (!wanted.size) return;
    const channel = new BroadcastChannel("renvoi-live");
    const heard = (kind) => { if (kind === MISSED || wanted.has(kind)) soon(); };
    const tell = (kind) => { channel.postMessage(kind); heard(kind); };
    const open = () => {
      const source = new EventSource(url);
      for (const kind of kinds) source.addEventListener(kind, () => tell(kind));
      // What happened before, since the page was made or the stream before this one ended, was told to nobody.
      source.addEventListener("open", () => tell(MISSED));
      return source;
    };
    channel.addEventListener("message", (event) => heard(event.data));
    // Who was not to be disturbed is ready now.
    for (const kind of ["pause", "focusout"]) document.addEventListener(kind, () => { if (isPassedOver) soon(); }, true);
    if (navigator.locks) {
      const hold = () => new Promise((over) => {
        const source = open();
        source.addEventListener("error", () => {
          // The session is over, or there are too many streams: another tab may fare better.
          if (source.readyState === EventSource.CLOSED) setTimeout(over, RETRY_MS);
        });
      });
      const queue = () => navigator.locks.request("renvoi-live", hold).then(queue);
      queue();
      return;
    }
    let source = null;
    const follow = () => {
      if (document.visibilityState === "hidden") {
        source?.close();
        source = null;
      } else if (!source) {
        source = open();
      }
    };
    document.addEventListener("visibilitychange", follow);
    follow();
  }

  // What is under way and sends no event, a test call say, is asked for again while its part says so (data-poll: ms).
  function poll() {
    const part = document.querySelector("[data-poll][id]");
    if (!part) return;
    setTimeout(() => refresh().catch(() => {}).then(poll), Number(part.dataset.poll));
  }

  // A button with data-copy copies the text of the element that it names.
  function copyOnClick(event) {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const from = document.getElementById(button.dataset.copy);
    navigator.clipboard.writeText((from.value ?? from.textContent).trim()).then(() => {
      const before = button.textContent;
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = before; }, 1500);
    });
  }

  // A link with data-confirm opens the form of its page in a dialog instead.
  async function confirmOnClick(event) {
    const link = event.target.closest("a[data-confirm]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-confirm-body]");
    if (!part) { location.href = link.href; return; }
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.append(document.adoptNode(part));
    const heading = dialog.querySelector("h1, h2");
    if (heading) dialog.setAttribute("aria-label", heading.textContent.trim());
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    dialog.addEventListener("click", (inner) => {
      if (inner.target.closest("[data-close]")) { inner.preventDefault(); dialog.close(); }
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  // On a narrow screen the navigation scrolls, and where one is may be out of sight. Not by scrollIntoView(), after which
  // the Tab key goes on from there.
  function showInBar(here) {
    const bar = here.parentElement;
    const left = here.getBoundingClientRect().left - bar.getBoundingClientRect().left;
    bar.scrollLeft += left - (bar.clientWidth - here.offsetWidth) / 2;
  }

  // Of a double click one form is sent: the answer to the second would say that the thing is there already, and hide
  // the first. After a moment it may be sent again, as the first may have come to nothing.
  const TWICE_MS = 1500;
  const sent = new WeakMap();
  function sendOnce(event) {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const before = sent.get(event.target);
    const isTwice = before?.submitter === event.submitter && event.timeStamp - before.at < TWICE_MS;
    if (isTwice) event.preventDefault();
    else sent.set(event.target, { submitter: event.submitter, at: event.timeStamp });
  }

  document.addEventListener("submit", sendOnce);
  document.addEventListener("click", copyOnClick);
  document.addEventListener("click", confirmOnClick);
  document.addEventListener("DOMContentLoaded", () => {
    document.documentElement.classList.add("js");
    document.querySelectorAll(".nav [aria-current], .tabs [aria-current]").forEach(showInBar);
    poll();
    const live = document.body.dataset;
    if (live.liveUrl) listen(live.liveUrl, live.liveKinds.split(" "));
  });
})();
