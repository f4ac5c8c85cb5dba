// Reporting on a bad line: what is sent is kept on the phone first, sent once, and forgotten when it has arrived.
"use strict";

(() => {
  const form = document.querySelector("form[data-report]");
  const waiting = document.getElementById("waiting");
  if (navigator.serviceWorker) navigator.serviceWorker.register("/m/worker.js", { scope: "/m" }).catch(() => {});

  // ---- the queue: IndexedDB keeps photos as they are ----
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("wufang", 1);
    asked.addEventListener("upgradeneeded", () => asked.result.createObjectStore("reports", { keyPath: "key" }));
    asked.addEventListener("success", () => resolve(asked.result));
    asked.addEventListener("error", () => reject(asked.error));
  });
  const inStore = async (mode, ask) => {
    const store = (await opened).transaction("reports", mode).objectStore("reports");
    return new Promise((resolve, reject) => {
      const asked = ask(store);
      asked.addEventListener("success", () => resolve(asked.result));
      asked.addEventListener("error", () => reject(asked.error));
    });
  };
  const keep = (report) => inStore("readwrite", (store) => store.put(report));
  const forget = (key) => inStore("readwrite", (store) => store.delete(key));
  const listed = () => inStore("readonly", (store) => store.getAll()).catch(() => []);

  const LONGEST_MS = 180000; // for one report: then the line is as good as dead, and it is tried again
  const send = async (report) => {
    const body = new FormData();
    for (const [name, value] of report.fields) body.append(name, value);
    for (const photo of report.photos) body.append("photo", photo, "photo.jpg");
    const headers = { "Wufang-Phone": "1", Accept: "application/json" };
    const answer = await fetch("/m/report", { method: "POST", body, headers, signal: AbortSignal.timeout(LONGEST_MS) });
    const told = await answer.json().catch(() => ({}));
    return { status: answer.status, told };
  };

  // One after the other; returns the addresses of what has arrived, by key.
  let isSending = false;
  let before = Promise.resolve();
  const sendAll = () => (before = before.then(sendListed));
  const sendListed = async () => {
    isSending = true;
    const arrived = new Map();
    try {
      for (const report of await listed()) {
        const { status, told } = await send(report);
        if (status < 300 && told.reference) { // without one, somebody else has answered, such as a hotel's log-in page
          await forget(report.key);
          arrived.set(report.key, told.address);
        } else if (status >= 400 && status < 500 && status !== 429) {
          report.refused = told.detail || String(status);
          await keep(report);
        }
      }
    } catch {
      // No line: everything stays where it is until there is one.
    } finally {
      isSending = false;
    }
    await showWaiting();
    return arrived;
  };

  const showWaiting = async () => {
    if (!waiting) return;
    const reports = await listed();
    waiting.hidden = reports.length === 0;
    const list = waiting.querySelector("ul");
    list.replaceChildren(...reports.map((report) => {
      const item = document.createElement("li");
      item.textContent = `${report.title} · ${new Date(report.at).toLocaleString()}`;
      if (report.refused) {
        const why = document.createElement("p");
        why.className = "late";
        why.textContent = report.refused;
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "btn";
        drop.textContent = waiting.dataset.drop;
        drop.addEventListener("click", () => forget(report.key).then(showWaiting));
        item.append(why, drop);
      }
      return item;
    }));
  };

  // ---- photos are made small before they leave: quick on a bad line, and without the camera's notes ----
  const MOST_PIXELS = 2000;
  const small = async (file) => {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const share = Math.min(1, MOST_PIXELS / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      return (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82))) ?? file;
    } catch {
      return file; // the server says what it thinks of it
    }
  };

  if (form) {
    const key = form.elements.key;
    const button = form.querySelector("[type=submit]");
    const renew = () => { key.value = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`; };
    renew();

    // The next report is another one, at another place: a reset leaves hidden fields as they are.
    let isSent = false;
    form.addEventListener("reset", () => {
      renew();
      for (const name of ["latitude", "longitude", "accuracy"]) form.elements[name].value = "";
      form.elements.place.required = true;
      document.getElementById("found").textContent = "";
      previews.replaceChildren();
      chips.replaceChildren();
      button.disabled = isSent = false;
    });
    window.addEventListener("pageshow", () => { if (isSent) form.reset(); }); // back to the page as it was left

    form.addEventListener("submit", async (event) => {
      if (!window.indexedDB) return;
      event.preventDefault();
      event.stopPropagation();
      button.disabled = true;
      const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "form_word");
      const photos = await Promise.all([...form.elements.photo.files].map(small));
      const title = form.elements.category.selectedOptions[0]?.textContent ?? "";
      const report = { key: key.value, at: Date.now(), title, fields, photos };
      try {
        await keep(report);
      } catch {
        form.submit(); // no room to keep it: sent as forms are
        return;
      }
      const address = (await sendAll()).get(report.key);
      const mine = (await listed()).find((one) => one.key === report.key);
      if (address) {
        isSent = true;
        location.assign(`${address}?done=reported`);
      } else {
        if (mine?.refused) {
          button.disabled = false;
          await forget(report.key);
          await showWaiting();
          const box = document.getElementById("refused");
          box.hidden = false;
          box.textContent = mine.refused;
          box.focus();
        } else {
          form.reset();
          waiting.scrollIntoView();
        }
      }
    }, true);

    // ---- photos are shown before they are sent ----
    const previews = document.getElementById("previews");
    form.elements.photo.addEventListener("change", () => {
      previews.replaceChildren(...[...form.elements.photo.files].map((file) => {
        const picture = document.createElement("img");
        picture.src = URL.createObjectURL(file);
        picture.alt = "";
        return picture;
      }));
    });

    // ---- where it is ----
    const here = document.getElementById("here");
    here?.addEventListener("click", () => {
      here.disabled = true;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          form.elements.latitude.value = coords.latitude.toFixed(6);
          form.elements.longitude.value = coords.longitude.toFixed(6);
          form.elements.accuracy.value = Math.round(coords.accuracy);
          form.elements.place.required = false;
          here.disabled = false;
          document.getElementById("found").textContent = here.dataset.found.replace("{metres}", String(Math.round(coords.accuracy)));
          document.dispatchEvent(new CustomEvent("wufang:position", { detail: coords }));
        },
        () => {
          here.disabled = false;
          document.getElementById("found").textContent = here.dataset.lost;
        },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
      );
    });
    form.elements.latitude.addEventListener("change", () => { form.elements.place.required = !form.elements.latitude.value; });

    // ---- the category is suggested by the words ----
    const chips = document.getElementById("suggested");
    const suggest = () => {
      const words = form.elements.words.value.toLowerCase();
      const weigh = (option) => (option.dataset.words ?? "").split("|").filter((word) => word && words.includes(word)).join("").length;
      const best = [...form.elements.category.options].map((option) => [weigh(option), option]).filter(([weight]) => weight).sort((one, other) => other[0] - one[0]).slice(0, 3);
      chips.replaceChildren(...best.map(([, option]) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.textContent = option.textContent;
        chip.addEventListener("click", () => { form.elements.category.value = option.value; });
        return chip;
      }));
    };
    form.elements.words.addEventListener("input", suggest);
  }

  window.addEventListener("online", sendAll);
  setInterval(async () => { if (!isSending && (await listed()).some((report) => !report.refused)) sendAll(); }, 20000);
  showWaiting().then(sendAll);
})();
