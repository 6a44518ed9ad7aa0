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

  // A dropped or chosen file is taken in at once; the form then carries its name.
  document.querySelectorAll("[data-drop]").forEach((place) => {
    const [chooser, note] = [place.querySelector("input[type=file]"), place.querySelector("[data-drop-told]")];
    const take = async (file) => {
      if (!file) return;
      note.textContent = `${file.name}: on its way`;
      try {
        const done = await post(`/upload?name=${encodeURIComponent(file.name)}`, file);
        place.querySelector("input[type=hidden]").value = done.file;
        note.textContent = `${file.name}, ${file.size.toLocaleString("en")} bytes: taken in as ${done.file}`;
        const source = place.closest("form").elements.source;
        if (source) source.value = "file";
        say("");
        place.dispatchEvent(new Event("change", { bubbles: true }));
      } catch (error) {
        note.textContent = "No file yet.";
        say(error.message, true);
      }
    };
    chooser.addEventListener("change", (event) => { event.stopPropagation(); take(chooser.files[0]); });
    place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      take(event.dataTransfer.files[0]);
    });
  });

  const filled = (form) => {
    const given = {};
    new FormData(form).forEach((value, name) => {
      if (typeof value !== "string") return;
      if (["models", "features", "with"].includes(name)) (given[name] ??= []).push(value);
      else given[name] = value;
    });
    return JSON.stringify(given);
  };
  const buttons = (form) => Array.from(form.querySelectorAll("button"));

  const judge = document.getElementById("judge");
  judge?.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(buttons(judge), "Judging", () => post("/judge", filled(judge)));
  });

  const audit = document.getElementById("audit");
  audit?.addEventListener("input", () => {
    const [file, name] = [audit.elements.file.value.trim(), audit.elements.name.value.trim()];
    const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
    document.getElementById("audit-command").textContent = `beatnaive audit ${quoted(file.endsWith(".ipynb") || !name ? file : `${file}:${name}`)}`;
  });
  audit?.addEventListener("submit", (event) => event.preventDefault());

  const study = document.getElementById("study");
  if (study) {
    const costs = JSON.parse(document.getElementById("costs").textContent);
    const around = (seconds) => (
      seconds < 90 ? `${Math.max(10, Math.round(seconds / 10) * 10)} seconds`
        : seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 360) / 10} hours`
    );
    const estimate = () => {
      const chosen = costs.studies[study.elements.study.value];
      document.getElementById("study-line").textContent = study.elements.study.selectedOptions[0].dataset.line;
      const given = JSON.parse(filled(study));
      const models = given.models ?? chosen.models;
      const seeds = Number.parseInt(given.seeds, 10) || chosen.seeds;
      const symbols = Math.max(1, given.symbols.split(/[\s,;]+/).filter(Boolean).length);
      const known = models.filter((name) => name in costs.models).map((name) => costs.models[name]);
      const fits = known.reduce((sum, one) => sum + one.seconds * chosen.folds * (one.seeds ? seeds : 1), 0) * symbols;
      const own = known.filter((one) => one.own).length;
      const cores = Math.min(Number.parseInt(given.jobs, 10) || costs.cores, costs.cores);
      const basis = own ? `from your own runs for ${own} of ${known.length} models` : "from fits measured on one machine";
      document.getElementById("estimate").textContent = (
        `About ${around(costs.start + fits / cores)} on ${cores} ${cores === 1 ? "core" : "cores"}, ${basis}; longer for more than five years.`
      );
    };
    study.addEventListener("input", estimate);
    study.addEventListener("change", estimate);
    estimate();
    study.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(buttons(study), "Starting", () => post("/new", filled(study)));
    });
    document.getElementById("show").addEventListener("click", () => busy(buttons(study), "", async () => {
      const place = document.getElementById("command");
      place.querySelector("code").textContent = (await post("/new?only=show", filled(study))).command;
      place.hidden = false;
    }));
  }
})();
