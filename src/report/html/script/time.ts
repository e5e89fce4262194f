/**
 * Charts over time: the row of the numbers' table under the pointer, and a zoom. Drag, or + and -, zoom in and out; the
 * arrow keys go from one interval to the next; Escape, a double click or the button show everything again.
 */
export const timeScript = String.raw`
for (const svg of document.querySelectorAll("figure > svg[data-time]")) {
  const [left, right, top, bottom, duration, bucket] = svg.dataset.time.split(" ").map(Number);
  const figure = svg.closest("figure");
  const line = readoutOf(figure);
  const heads = [...figure.querySelectorAll(".numbers thead th")].map((head) => head.textContent);
  const rows = [...figure.querySelectorAll(".numbers tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
  const zooms = [...svg.querySelectorAll("svg.zoom")];
  const whole = zooms.map((each) => each.getAttribute("viewBox").split(" ").map(Number));
  const axis = svg.querySelector(".bottom-axis");
  const staticAxis = [...axis.childNodes];
  const make = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key of Object.keys(attributes)) element.setAttribute(key, attributes[key]);
    if (text) element.textContent = text;
    return element;
  };
  const cursor = make("line", { class: "cursor", y1: 0, y2: bottom, visibility: "hidden" });
  const choice = make("rect", { class: "choice", y: 0, height: bottom, visibility: "hidden" });
  svg.append(choice, cursor);
  let [from, to] = [0, duration];
  const reset = document.createElement("button");
  reset.type = "button";
  reset.className = "reset";
  reset.textContent = "Show everything";
  reset.hidden = true;
  line.after(reset);
  const xOf = (ms) => left + ((ms - from) / (to - from)) * (right - left);
  const msOf = (x) => from + ((Math.min(right, Math.max(left, x)) - left) / (right - left)) * (to - from);
  const ticks = () => {
    const rough = (to - from) / (right - left > 500 ? 8 : 4);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((each) => each * power >= rough * 0.999);
    const list = [];
    for (let at = Math.ceil(from / step) * step; at <= to + step * 1e-6; at += step) list.push(at);
    return list;
  };
  const drawAxis = () => {
    if (from === 0 && to === duration) return axis.replaceChildren(...staticAxis);
    const marks = ticks().flatMap((ms) => [
      make("line", { class: "grid", x1: xOf(ms), x2: xOf(ms), y1: top, y2: bottom }),
      make("text", { class: "tick", x: xOf(ms), y: bottom + 15, "text-anchor": "middle" }, Number((ms / 1000).toFixed(4)) + " s"),
    ]);
    axis.replaceChildren(...marks, staticAxis.at(-1));
  };
  const zoom = (low, high) => {
    const least = Math.min(duration, bucket * 2);
    [from, to] = [Math.max(0, low), Math.min(duration, high)];
    if (to - from < least) [from, to] = [Math.max(0, Math.min(duration - least, from)), Math.min(duration, from + least)];
    const scale = duration / (to - from);
    zooms.forEach((each, place) => {
      const [x, y, width, height] = whole[place];
      each.setAttribute("viewBox", [x + (from / duration) * width, y, width / scale, height].join(" "));
      for (const mark of each.querySelectorAll("[data-x]")) {
        mark.setAttribute("transform", mark.getAttribute("transform").replace(/ ?scale.*$/, "") + " scale(" + 1 / scale + " 1)");
      }
    });
    for (const label of svg.querySelectorAll(".end-label")) label.classList.toggle("off", to < duration);
    drawAxis();
    reset.hidden = from === 0 && to === duration;
    svg.dataset.zoomed = String(!reset.hidden);
  };
  const showRow = (place) => {
    const row = rows[place];
    const x = row ? xOf((place + 0.5) * bucket) : NaN;
    const isInside = x >= left && x <= right;
    cursor.setAttribute("visibility", isInside ? "visible" : "hidden");
    if (isInside) for (const key of ["x1", "x2"]) cursor.setAttribute(key, x);
    line.textContent = row ? row.map((cell, column) => heads[column] + " " + cell).join(" \u00b7 ") : "\u00a0";
    current = row ? place : -1;
  };
  let current = -1;
  let start;
  svg.addEventListener("pointermove", (event) => {
    const { x } = pointIn(svg, event);
    showRow(x < left || x > right ? -1 : Math.floor(msOf(x) / bucket));
    if (start === undefined) return;
    choice.setAttribute("x", Math.min(start, x));
    choice.setAttribute("width", Math.abs(x - start));
    choice.setAttribute("visibility", "visible");
  });
  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0) return;
    start = Math.min(right, Math.max(left, pointIn(svg, event).x));
    event.preventDefault();
    svg.focus();
  });
  addEventListener("pointerup", (event) => {
    if (start === undefined) return;
    const end = Math.min(right, Math.max(left, pointIn(svg, event).x));
    choice.setAttribute("visibility", "hidden");
    const [low, high] = [msOf(Math.min(start, end)), msOf(Math.max(start, end))];
    if (Math.abs(end - start) > 6) zoom(low, high);
    start = undefined;
  });
  svg.addEventListener("pointerleave", () => showRow(-1));
  svg.addEventListener("dblclick", () => zoom(0, duration));
  reset.addEventListener("click", () => zoom(0, duration));
  svg.tabIndex = 0;
  svg.addEventListener("keydown", (event) => {
    const middle = current === -1 ? (from + to) / 2 : (current + 0.5) * bucket;
    const half = (to - from) / 2;
    const actions = {
      "+": () => zoom(middle - half / 2, middle + half / 2),
      "=": () => zoom(middle - half / 2, middle + half / 2),
      "-": () => zoom(middle - half * 2, middle + half * 2),
      Escape: () => zoom(0, duration),
      ArrowRight: () => showRow(Math.min(rows.length - 1, current + 1)),
      ArrowLeft: () => showRow(Math.max(0, current - 1)),
    };
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
`;
