"use strict";
// Everything works without this script. With it, what is under way is shown as it happens, and a
// list can be dropped anywhere on the first page.
const byId = (id) => document.getElementById(id);

function follow(place) {
  const source = new EventSource(place.dataset.events);
  const silent = byId("silent");
  let heard = new Date();
  // What cannot be pressed is not there while nobody answers.
  const quiet = (is) => {
    silent.hidden = !is;
    for (const one of place.querySelectorAll("form, .left")) one.hidden = is;
    if (is) document.title = `⚠ ${silent.querySelector("strong").textContent}`;
  };
  source.onmessage = (event) => { heard = new Date(); quiet(false); show(JSON.parse(event.data)); };
  source.addEventListener("end", () => { source.close(); tell(place); location.reload(); });
  // The program says something every two seconds. If it is dead, or stopped, it does not.
  setInterval(() => {
    if (!silent.hidden || Date.now() - heard < patience) return;
    silent.querySelector("[data-live=since]").textContent = clock.format(heard);
    quiet(true);
  }, 1000);
}

// At the end of sending, whoever looks at something else is told, if they have asked for it.
function tell(place) {
  if (!place.dataset.ended || document.hasFocus() || !granted()) return;
  new Notification(document.querySelector(".brand").textContent, { body: place.dataset.ended, tag: location.pathname });
}
const granted = () => "Notification" in window && Notification.permission === "granted";

function asking(button) {
  const show = () => { button.hidden = !("Notification" in window) || Notification.permission !== "default"; };
  show();
  button.addEventListener("click", () => { Notification.requestPermission().then(show, show); });
}

const patience = 10000;
const locale = document.documentElement.dataset.locale;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const share = new Intl.NumberFormat(locale, { style: "percent" });
const title = document.title.replace(/^[^–\p{L}]* – /u, "");

// Numbers as the pages have them: Arabic ones with the digits that are used there.
const number = new Intl.NumberFormat(locale);

function show(data) {
  const bar = document.querySelector("progress");
  if (bar && data.total) { bar.max = data.total; bar.value = data.done; document.title = `${share.format(data.done / data.total)} – ${title}`; }
  if (!data.counts) return;
  const values = { done: data.done, total: data.total, before: data.before, ...data.counts };
  for (const [name, value] of Object.entries(values)) {
    const node = document.querySelector(`[data-live="${name}"]`);
    if (node) node.textContent = number.format(value);
  }
  const left = document.querySelector('[data-live="left"]');
  if (left) left.textContent = data.left_text;
  const waiting = byId("waiting");
  waiting.hidden = !data.waiting;
  waiting.querySelector("[data-live=wait]").textContent = data.wait_text;
}

// The page of a fleet shows something new: what may have changed is replaced, and a form that
// somebody is typing in stays.
async function renew() {
  if (!getSelection().isCollapsed) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const there = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-changes], [data-renewed]")) {
    const next = there.getElementById(old.id);
    if (!next || next.innerHTML === old.innerHTML) continue;
    const at = [...old.querySelectorAll("a, [tabindex]")].indexOf(document.activeElement);
    old.replaceChildren(...next.childNodes);
    if (at >= 0) old.querySelectorAll("a, [tabindex]")[at]?.focus({ preventScroll: true });
  }
}

// A list that is chosen or dropped is uploaded at once, with its progress.
function uploading(form) {
  const input = byId("file");
  const area = form.querySelector(".drop");
  const shown = form.querySelector(".uploading");
  const failed = shown.querySelector("[data-failed]");
  const progress = shown.querySelector("progress");
  const how = shown.querySelector("[data-share]");
  let request = null;
  const end = (why) => {
    area.hidden = false;
    shown.hidden = !why;
    progress.hidden = Boolean(why);
    failed.hidden = !why;
    failed.textContent = why;
    how.textContent = "";
    form.reset();
  };
  const send = () => {
    const file = input.files[0];
    if (!file || (request && request.readyState !== 4)) return;
    end("");
    const body = new FormData();
    body.append("token", form.elements.token.value);
    body.append("file", file);
    area.hidden = true;
    shown.hidden = progress.hidden = false;
    shown.querySelector("[data-name]").textContent = file.name;
    request = new XMLHttpRequest();
    request.upload.onprogress = (event) => {
      progress.value = event.loaded / event.total;
      how.textContent = share.format(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 200) { location.assign(request.responseURL); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      end(page.querySelector("[role=alert]")?.textContent || failed.dataset.failed);
    };
    request.onerror = () => end(failed.dataset.failed);
    request.open("POST", form.action);
    request.send(body);
  };
  input.addEventListener("change", send);
  shown.querySelector(".cancel").addEventListener("click", () => { request?.abort(); end(""); });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      area.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        send();
      }
    });
  }
}

// A second press on a button of the same form does nothing while the first is under way.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
// A page that comes back from the browser's memory may be old.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const place = document.querySelector("[data-events]");
if (place) follow(place);
if (byId("tell")) asking(byId("tell"));
const changing = document.querySelector("[data-changes]");
if (changing) new EventSource(changing.dataset.changes).onmessage = renew;
if (byId("upload")) uploading(byId("upload"));
