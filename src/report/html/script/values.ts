/**
 * The value under the pointer, or the next one by the arrow keys, in a line below the chart: of the nearest mark that
 * has a title. Charts over time have a script of their own.
 */
export const valuesScript = String.raw`
const readoutOf = (figure) => {
  let line = figure.querySelector("output");
  if (!line) {
    line = document.createElement("output");
    line.className = "readout";
    line.textContent = "\u00a0";
    const caption = figure.querySelector("figcaption, details");
    if (caption) caption.before(line);
    else figure.append(line);
  }
  return line;
};
const pointIn = (svg, event) => {
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
};
for (const svg of document.querySelectorAll("figure > svg:not([data-time])")) {
  const marks = [...svg.querySelectorAll(".marker, .dot, .wait")].filter((mark) => mark.querySelector("title"));
  if (marks.length === 0) continue;
  let current = -1;
  const line = readoutOf(svg.closest("figure"));
  const shown = () => marks.filter((mark) => !mark.closest(".off"));
  const show = (mark) => {
    for (const each of marks) each.classList.toggle("asked", each === mark);
    current = marks.indexOf(mark);
    line.textContent = mark ? mark.querySelector("title").textContent : "\u00a0";
  };
  svg.addEventListener("pointermove", (event) => {
    let [best, distance] = [undefined, 900];
    for (const mark of shown()) {
      const box = mark.getBoundingClientRect();
      const dx = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
      const dy = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
      if (dx * dx + dy * dy < distance) [best, distance] = [mark, dx * dx + dy * dy];
    }
    show(best);
  });
  svg.addEventListener("pointerleave", () => show(undefined));
  svg.tabIndex = 0;
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const list = shown();
    if (!step || list.length === 0) return;
    event.preventDefault();
    const at = list.indexOf(marks[current]);
    show(list[at === -1 ? 0 : (at + step + list.length) % list.length]);
  });
}
`;
