"use strict";
(() => {
  const token = document.querySelector("meta[name=post-token]").content;
  const told = document.getElementById("told");
  const say = (text, wrong = false) => {
    told.textContent = text;
    told.classList.toggle("wrong", wrong);
    if (wrong) told.scrollIntoView({ block: "nearest" });
  };

  // Every change goes this way: a POST with the page's token in a header; what went wrong is said in the app's words.
  const post = async (url, body) => {
    const answer = await fetch(url, { method: "POST", body, headers: { "X-BeatNaive-Token": token } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.replace(/^beatnaive: /, "").trim());
    return JSON.parse(text);
  };
  const busy = async (buttons, doing, work) => {
    buttons.forEach((one) => { one.disabled = true; });
    say(doing);
    try {
      const done = await work();
      if (done?.go) window.location.assign(done.go); else say(done?.said ?? "");
    } catch (error) {
      say(error.message, true);
    }
    buttons.forEach((one) => { one.disabled = false; });
  };

  document.querySelectorAll("button[data-post]").forEach((button) => button.addEventListener("click", () => (
    busy([button], `${button.textContent}: on its way`, async () => {
      const done = await post(button.dataset.post, "");
      return { ...done, go: done.go ?? button.dataset.then };
    })
  )));

  const search = document.getElementById("search");
  search?.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(document.getElementById(search.dataset.filters).tBodies[0].rows);
    rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
    say(words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown` : "");
  });
  search?.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

  // The table of runs: states follow the folders; a run that ended or is new is shown by the whole row, on loading.
  const table = document.querySelector("table[data-events]");
  if (table) {
    const cells = new Map(Array.from(table.tBodies[0].rows).map((row) => [row.dataset.path, row.querySelector("[data-cell=state]")]));
    new EventSource(table.dataset.events).addEventListener("message", (event) => {
      const states = JSON.parse(event.data);
      const changed = [];
      Object.entries(states).forEach(([path, state]) => {
        const cell = cells.get(path);
        if (!cell) { changed.push(path); return; }
        if (cell.textContent === state) return;
        if (state === "complete") changed.push(path);
        cell.textContent = state;
        cell.className = `text state-${state}`;
      });
      if (!changed.length) return;
      say(`${changed.length === 1 ? changed[0] : `${changed.length} runs`}: new here or finished. `);
      const link = document.createElement("a");
      link.href = "/";
      link.textContent = "Show";
      told.append(link);
    });
  }

  const live = document.querySelector("[data-live]");
  if (live) {
    const [bar, count] = [document.getElementById("progress"), document.getElementById("count")];
    new EventSource(live.dataset.live).addEventListener("message", (event) => {
      const now = JSON.parse(event.data);
      if (!["running", "starting"].includes(now.state)) { window.location.reload(); return; }
      if (now.expected) { bar.max = now.expected; bar.value = now.done; }
      count.textContent = [now.expected ? `${now.done} of ${now.expected} fits` : "", now.stage].filter(Boolean).join(", ");
      const log = document.querySelector("#log code");
      if (log && now.log) log.textContent = now.log;
    });
  }
})();
