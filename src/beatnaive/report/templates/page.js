"use strict";
(() => {
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const themes = read("themes");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("beatnaive-mode"); } catch { chosen = null; }
  const mode = () => chosen || (dark.matches ? "dark" : "light");

  // A chart is defined once, 720 pixels wide; here it takes the width there is.
  const fitted = (spec, width, excess) => {
    const each = (part, inner) => { if (part.width) { part.height = part.height === part.width ? inner : part.height; part.width = inner; } };
    if (spec.facet) {
      const columns = Math.max(1, Math.min(spec.columns || 1, Math.floor(width / 215)));
      spec.columns = columns;
      each(spec.spec, Math.max(120, Math.floor(width / columns - 62 - excess / columns)));
    } else if (spec.vconcat) {
      spec.vconcat.forEach((part) => each(part, Math.max(160, width - 62 - excess)));
    } else {
      each(spec, Math.max(160, width - 62 - excess));
    }
    return spec;
  };

  const config = (width) => {
    const theme = structuredClone(themes[mode()]);
    theme.legend.columns = Math.max(2, Math.floor(width / 130));
    return theme;
  };

  const embed = (place, width, excess) => {
    const spec = fitted(read(place.dataset.spec), width, excess);
    delete spec.title; // the heading above the chart says it, in text that wraps
    return vegaEmbed(place, spec, {
      renderer: "svg", config: config(width), tooltip: { theme: mode() },
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: place.dataset.spec,
    });
  };

  // One name per chart: a role on each of its marks would only drown a screen reader.
  const describe = (place) => {
    const svg = place.querySelector("svg.marks");
    svg.querySelectorAll("[role]").forEach((mark) => {
      ["role", "aria-roledescription", "aria-label"].forEach((name) => mark.removeAttribute(name));
    });
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", place.getAttribute("aria-label"));
    place.querySelectorAll("summary").forEach((item) => item.setAttribute("aria-label", "Save this chart"));
    place.querySelectorAll("summary svg").forEach((icon) => icon.setAttribute("aria-hidden", "true"));
  };

  const draw = async (place) => {
    const width = place.clientWidth;
    place.dataset.width = width;
    await embed(place, width, 0);
    const excess = Math.ceil(place.querySelector("svg").getBoundingClientRect().width - width);
    if (Math.abs(excess) > 2) await embed(place, width, excess);
    describe(place);
    place.dataset.drawn = mode();
  };

  let queue = Promise.resolve();
  const drawAll = () => {
    root.dataset.mode = mode();
    document.querySelectorAll(".chart").forEach((place) => {
      queue = queue.then(() => {
        const stale = place.dataset.drawn !== mode() || Math.abs(place.dataset.width - place.clientWidth) > 2;
        return stale ? draw(place) : null;
      }).catch((error) => { place.textContent = `This chart could not be drawn: ${error.message}`; console.error(error); });
    });
    queue = queue.then(() => { root.dataset.ready = mode(); });
  };

  const sort = (header) => {
    const table = header.closest("table");
    const column = Array.from(header.parentNode.children).indexOf(header);
    const rising = header.getAttribute("aria-sort") !== "ascending";
    const value = (row) => {
      const cell = row.children[column];
      const number = Number.parseFloat(cell.dataset.value);
      return Number.isNaN(number) ? cell.textContent.trim() : number;
    };
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return rising ? order : -order;
    };
    const body = table.tBodies[0];
    body.append(...Array.from(body.rows).sort(compare));
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
  };

  document.querySelectorAll("th[aria-sort]").forEach((header) => header.querySelector("button").addEventListener("click", () => sort(header)));
  document.querySelector("button.mode").addEventListener("click", () => {
    chosen = mode() === "dark" ? "light" : "dark";
    try { localStorage.setItem("beatnaive-mode", chosen); } catch { /* a page opened from a file may not store */ }
    drawAll();
  });
  dark.addEventListener("change", drawAll);
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details.method").forEach((item) => { item.open = true; }));
  drawAll();
})();
