// The board of reports is quick by keyboard: j and k move, Enter opens, f files and sends.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const links = [...document.querySelectorAll(".report-row .title a")];
  const here = links.findIndex((link) => link.closest(".report-row").contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    const next = here < 0 ? 0 : Math.min(Math.max(here + (event.key === "j" ? 1 : -1), 0), links.length - 1);
    links[next]?.focus();
    links[next]?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  }
  if (event.key === "f" && here >= 0) {
    links[here].closest(".report-row").querySelector("[data-key=f]")?.click();
    event.preventDefault();
  }
});
