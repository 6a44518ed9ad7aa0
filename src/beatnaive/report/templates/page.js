"use strict";
(() => {
  const root = document.documentElement;

  // The library's own reader of CSV makes a function from text, which the page's policy forbids.
  const csv = (text) => {
    const rows = [[]];
    for (const [, quoted, plain, end] of text.trimEnd().matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
      rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
      if (end === "\n") rows.push([]);
      if (end === "") break;
    }
    const [heads, ...lines] = rows;
    return lines.map((line) => Object.fromEntries(heads.map((head, at) => [head, line[at]])));
  };
  // Specifications carry their data as CSV, a third of the size of rows; here it becomes rows.
  const unpacked = (key, part) => {
    if (key === "values" && typeof part === "string") return csv(part);
    if (key === "format" && part.type === "csv") return { parse: part.parse };
    if (key !== "datasets") return part;
    return Object.fromEntries(Object.entries(part).map(([name, data]) => [name, typeof data === "string" ? csv(data) : data]));
  };
  const read = (id) => JSON.parse(document.getElementById(id).textContent, unpacked);

  const themes = read("themes");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector("button.mode"); // pages without it follow the system
  let chosen = null;
  try { chosen = button && localStorage.getItem("beatnaive-mode"); } catch { chosen = null; }
  const mode = () => chosen || (dark.matches ? "dark" : "light");

  // A chart is defined once, 700 or 720 pixels wide; here it takes the width there is. `whole` charts are told their
  // outer width and fit themselves in; `plot` charts are told the width inside their axes, less what stuck out before.
  const fitted = (spec, width, excess, fit) => {
    if (fit === "whole") {
      if (spec.vconcat && width < 660) spec.vconcat = spec.vconcat.flatMap((row) => row.hconcat || [row]);
      if (spec.width) {
        spec.width = Math.min(spec.width + 60, width);
        spec.autosize = { type: "fit-x", contains: "padding" };
      }
      return spec;
    }
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

  // Vega-Lite looks up words in the tooltip of a "nearest" point in the point's cell, where they are not.
  const patch = (vega) => JSON.parse(JSON.stringify(vega), (key, part) => (
    key === "tooltip" && part?.signal?.includes("datum.datum[")
      ? { signal: part.signal.replace(/(?<!\.)\bdatum\[/g, "datum.datum[") } : part
  ));

  // `ast`: expressions are interpreted, not evaluated as programs; the page's style sheet holds the library's styles.
  const embed = (place, width, excess) => {
    const { spec: id, fit, renderer } = place.dataset;
    const spec = fitted(read(id), width, excess, fit);
    delete spec.title; // the heading above the chart says it, in text that wraps
    return vegaEmbed(place, spec, {
      ast: true, patch, defaultStyle: false, forceActionsMenu: fit === "plot",
      renderer: renderer || "svg", config: config(width), tooltip: { theme: mode(), disableDefaultStyle: true },
      actions: fit === "plot" && { export: true, source: false, compiled: false, editor: false },
      downloadFileName: id,
    });
  };

  // One name per chart: a role on each of its marks would only drown a screen reader.
  const describe = (place) => {
    const drawn = place.querySelector(":is(svg, canvas).marks");
    [drawn, ...drawn.querySelectorAll("[role]")].forEach((mark) => {
      ["role", "aria-roledescription", "aria-label"].forEach((name) => mark.removeAttribute(name));
    });
    if (place.getAttribute("role") === "img") {
      drawn.setAttribute("aria-hidden", "true");
    } else {
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", place.getAttribute("aria-label"));
    }
    place.querySelectorAll("summary").forEach((item) => item.setAttribute("aria-label", "Save this chart"));
    place.querySelectorAll("summary svg").forEach((icon) => icon.setAttribute("aria-hidden", "true"));
  };

  const draw = async (place) => {
    const width = place.clientWidth;
    place.dataset.width = width;
    await embed(place, width, 0);
    const drawn = place.querySelector(":is(svg, canvas).marks");
    const excess = Math.ceil(drawn.getBoundingClientRect().width - width);
    if (place.dataset.fit === "plot" && Math.abs(excess) > 2) await embed(place, width, excess);
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
  button?.addEventListener("click", () => {
    chosen = mode() === "dark" ? "light" : "dark";
    try { localStorage.setItem("beatnaive-mode", chosen); } catch { /* a page opened from a file may not store */ }
    drawAll();
  });
  dark.addEventListener("change", drawAll);
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 200); });
  window.addEventListener("beforeprint", () => document.querySelectorAll("main details:not(.vega-embed *)").forEach((item) => { item.open = true; }));
  drawAll();
})();
