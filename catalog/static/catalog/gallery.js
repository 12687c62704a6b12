// The pictures on a product's page: uploads one by one with progress, order by dragging,
// texts saved when left. Without this file every button still works as a plain form.
"use strict";

(() => {
  const LOST = "Tidak ada jawaban dari server. Periksa jaringan, lalu coba lagi.";
  const TOO_LARGE = "Berkas foto terlalu besar. Silakan perkecil dahulu.";
  let dragged = null;

  const block = () => document.getElementById("galeri");

  function say(text, isError) {
    const status = block().querySelector(".gallery-status");
    status.textContent = text;
    status.classList.toggle("is-error", Boolean(isError));
  }

  // Put the fresh block in the place of the old one; uploads on their way stay.
  function show(html) {
    const old = block();
    const fresh = document.createElement("template");
    fresh.innerHTML = html.trim();
    const next = fresh.content.firstElementChild;
    const form = old.querySelector(".gallery-add");
    const place = next.querySelector(".gallery-add");
    if (form && place) place.replaceWith(form);
    old.replaceWith(next);
    next.classList.add("has-script");
  }

  function refusalOf(request) {
    if (request.status === 413) return TOO_LARGE;
    if (request.status === 403) return "Anda tidak memiliki izin untuk tindakan ini.";
    const answer = request.response;
    return (answer && answer.detail) || "Gagal (" + request.status + "). Coba muat ulang halaman.";
  }

  function post(url, body, onProgress) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.timeout = 120000;
      if (onProgress) request.upload.onprogress = onProgress;
      request.onload = () => {
        const answer = request.response;
        if (request.status === 200 && answer && answer.html) done(answer.html);
        else failed(new Error(refusalOf(request)));
      };
      request.onerror = request.ontimeout = () => failed(new Error(LOST));
      request.send(body);
    });
  }

  async function submit(form) {
    const kept = block();
    kept.classList.add("is-busy");
    say("Menyimpan …");
    try {
      show(await post(form.action, new FormData(form)));
      say("Tersimpan.");
    } catch (problem) {
      kept.classList.remove("is-busy");
      say(problem.message, true);
    }
  }

  function line(form, file) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    const note = document.createElement("span");
    name.className = "name";
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    note.textContent = "Menunggu";
    row.append(name, bar, note);
    form.querySelector(".gallery-queue").append(row);
    return { row, bar, note };
  }

  function refuse(entry, text) {
    entry.bar.remove();
    entry.note.textContent = text;
    entry.note.className = "is-error";
  }

  async function upload(form, file, entry) {
    if (file.size > Number(block().dataset.maxBytes)) {
      refuse(entry, TOO_LARGE);
      return false;
    }
    const body = new FormData(form);
    body.delete("files");
    body.append("files", file);
    try {
      const html = await post(form.action, body, (event) => {
        if (!event.lengthComputable) return;
        entry.bar.value = event.loaded / event.total;
        entry.note.textContent = event.loaded < event.total
          ? Math.round((100 * event.loaded) / event.total) + " %" : "Memproses …";
      });
      show(html);
      entry.bar.value = 1;
      entry.note.textContent = "Selesai";
      return true;
    } catch (problem) {
      refuse(entry, problem.message);
      return false;
    }
  }

  // One after the other: each is converted on the server, which takes a processor.
  async function uploadAll(form, files) {
    if (!files.length) return;
    form.querySelector(".gallery-queue").replaceChildren();
    const entries = files.map((file) => line(form, file));
    let stored = 0;
    for (const [index, file] of files.entries()) {
      say("Mengunggah " + (index + 1) + " dari " + files.length + " …");
      if (await upload(form, file, entries[index])) stored += 1;
    }
    form.querySelector("input[type=file]").value = "";
    const failed = files.length - stored;
    say(stored + " foto tersimpan" + (failed ? ", " + failed + " tidak diterima." : "."), failed > 0);
  }

  function arrange(target) {
    const list = target.parentElement;
    const cards = [...list.children];
    const isLater = cards.indexOf(dragged) < cards.indexOf(target);
    list.insertBefore(dragged, isLater ? target.nextSibling : target);
    const form = block().querySelector("form[data-verb=arrange]");
    form.elements.order.value = [...list.children].map((card) => card.dataset.image).join(",");
    submit(form);
  }

  const inside = (event, selector) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    return found && block().contains(found) ? found : null;
  };

  function start() {
    if (!block()) return;
    block().classList.add("has-script");
    document.addEventListener("submit", (event) => {
      const form = inside(event, "form[data-verb]");
      if (!form) return;
      event.preventDefault();
      const ask = event.submitter && event.submitter.dataset.ask;
      if (ask && !window.confirm(ask)) return;
      if (form.dataset.verb === "add") uploadAll(form, [...form.elements.files.files]);
      else submit(form);
    });
    document.addEventListener("change", (event) => {
      const described = inside(event, "form[data-verb=describe]");
      if (described) described.requestSubmit();
      const chosen = inside(event, ".gallery-drop");
      if (chosen) uploadAll(chosen.closest("form"), [...event.target.files]);
    });
    document.addEventListener("dragstart", (event) => {
      dragged = inside(event, ".gallery-card[draggable=true]");
      if (!dragged) return;
      dragged.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.image);
    });
    document.addEventListener("dragend", () => {
      if (dragged) dragged.classList.remove("is-dragged");
      dragged = null;
    });
    document.addEventListener("dragover", (event) => {
      document.querySelectorAll(".is-target, .is-over").forEach((one) => one.classList.remove("is-target", "is-over"));
      const place = dragged ? inside(event, ".gallery-card") : inside(event, ".gallery-drop");
      if (!place) return;
      event.preventDefault();
      place.classList.add(dragged ? "is-target" : "is-over");
    });
    document.addEventListener("drop", (event) => {
      const place = dragged ? inside(event, ".gallery-card") : inside(event, ".gallery-drop");
      if (!place) return;
      event.preventDefault();
      place.classList.remove("is-target", "is-over");
      if (!dragged) uploadAll(place.closest("form"), [...event.dataTransfer.files]);
      else if (place !== dragged) arrange(place);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
