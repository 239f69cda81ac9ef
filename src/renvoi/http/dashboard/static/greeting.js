// Records a greeting with the microphone, and puts it into the form as a WAV file: each browser records in a form of its
// own, and each can turn that into WAV. Without JavaScript, or a microphone, people choose a file.
"use strict";

(() => {
  const RATE = 16000;
  const LONGEST_MS = 60000;

  // One channel of 16-bit PCM.
  function wav(samples) {
    const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
    const text = (place, word) => [...word].forEach((letter, n) => view.setUint8(place + n, letter.charCodeAt(0)));
    text(0, "RIFF");
    view.setUint32(4, 36 + samples.length * 2, true);
    text(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, RATE, true);
    view.setUint32(28, RATE * 2, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    text(36, "data");
    view.setUint32(40, samples.length * 2, true);
    samples.forEach((sample, n) => view.setInt16(44 + n * 2, Math.max(-1, Math.min(1, sample)) * 0x7fff, true));
    return view.buffer;
  }

  async function mono(blob) {
    const context = new AudioContext();
    const sound = await context.decodeAudioData(await blob.arrayBuffer());
    await context.close();
    const offline = new OfflineAudioContext(1, Math.ceil(sound.duration * RATE), RATE);
    const source = offline.createBufferSource();
    source.buffer = sound;
    source.connect(offline.destination);
    source.start();
    return (await offline.startRendering()).getChannelData(0);
  }

  function recording(form) {
    const button = form.querySelector("[data-start]");
    const file = form.querySelector("input[type=file]");
    const refusal = form.querySelector("[role=alert]");
    const player = form.querySelector("audio");
    let recorder = null;

    async function keep(parts) {
      const content = new File([wav(await mono(new Blob(parts)))], "greeting.wav", { type: "audio/wav" });
      const chosen = new DataTransfer();
      chosen.items.add(content);
      file.files = chosen.files;
      player.src = URL.createObjectURL(content);
      player.hidden = false;
    }

    async function start() {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts = [];
      recorder = new MediaRecorder(stream);
      recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      recorder.addEventListener("stop", () => {
        stream.getTracks().forEach((track) => track.stop());
        recorder = null;
        button.textContent = button.dataset.start;
        keep(parts).catch(refuse);
      });
      recorder.start();
      setTimeout(() => recorder?.stop(), LONGEST_MS);
      button.textContent = button.dataset.stop;
    }

    function refuse() {
      refusal.hidden = false;
    }

    button.addEventListener("click", () => {
      refusal.hidden = true;
      if (recorder) recorder.stop();
      else start().catch(refuse);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-record]").forEach(recording);
  });
})();
