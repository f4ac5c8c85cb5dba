// What the pages do better with a script; every one of them works without.
"use strict";

// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.isSent === "yes") {
    event.preventDefault();
    return;
  }
  if (form.method === "post") form.dataset.isSent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-is-sent]")) delete form.dataset.isSent;
});

// Where a form came back with a refusal, that is where the reader looks first.
document.getElementById("refusal")?.focus();

// Ticking a rider in the table writes the line's number into the first field of exceptions.
document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-except-line]");
  const field = document.querySelector("[data-except-lines]");
  if (!box || !field) return;
  const lines = field.value.split(/[^0-9-]+/).filter(Boolean);
  const kept = lines.filter((line) => line !== box.value);
  if (box.checked) kept.push(box.value);
  field.value = kept.join(", ");
});
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;

// Which parts of an opinion's form the chosen opinion needs.
const showNeeded = (form) => {
  const kind = form.querySelector("input[name=kind]:checked")?.value ?? "";
  for (const part of form.querySelectorAll("[data-for-kinds]")) {
    const isFilled = !kind && [...part.querySelectorAll("input, textarea")].some((field) => field.value);
    part.hidden = !isFilled && !part.dataset.forKinds.split(" ").includes(kind);
  }
};
document.addEventListener("change", (event) => {
  if (event.target.name === "kind" && event.target.form) showNeeded(event.target.form);
});
for (const part of document.querySelectorAll("[data-for-kinds]")) showNeeded(part.closest("form"));

// A file on its way is seen to move; what is refused comes back as the page that the server sends.
const sendSeen = (form) => {
  const bar = form.querySelector("progress") ?? form.appendChild(document.createElement("progress"));
  bar.setAttribute("aria-label", form.dataset.progress);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    document.body.replaceWith(new DOMParser().parseFromString(request.responseText, "text/html").body);
    for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
    document.getElementById("refusal")?.focus();
  });
  request.addEventListener("error", () => form.submit());
  request.send(new FormData(form));
};
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("form[data-progress]")) return;
  event.preventDefault();
  sendSeen(event.target);
});

// The page of a matter follows what others do: it says so, and shows the new standing and timeline. What is being
// typed stays as it is: forms are never touched.
const changed = document.getElementById("changed");
const main = document.getElementById("main");
const showNewer = async () => {
  const [said, page] = await Promise.all([fetch(changed.dataset.standing), fetch(location.pathname)]).catch(() => []);
  if (said?.status === 200) changed.innerHTML = await said.text();
  if (page?.status !== 200) return;
  const newer = new DOMParser().parseFromString(await page.text(), "text/html");
  for (const part of ["#parties .card-body", "ol.way"]) {
    const mine = document.querySelector(part);
    const theirs = newer.querySelector(part);
    if (mine && theirs && !mine.querySelector("form")) mine.replaceChildren(...theirs.childNodes);
  }
};
const lookOut = async () => {
  const answer = await fetch(changed.dataset.standing).catch(() => null);
  if (answer?.status === 200) showNewer();
};
let stream = null;
const follow = () => {
  if (document.hidden) {
    stream?.close();
    stream = null;
    return;
  }
  if (stream) return;
  stream = new EventSource(`${main.dataset.events}?version=${main.dataset.version}`);
  stream.addEventListener("changed", (event) => {
    main.dataset.version = event.data;
    showNewer();
  });
};
if (changed && "EventSource" in window) {
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => stream?.close());
  follow();
} else if (changed) {
  setInterval(lookOut, 20000);
}

// One tick for all boxes of a list.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.form.querySelectorAll("input[name=seat]")) box.checked = event.target.checked;
});
