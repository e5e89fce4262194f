/** Boxes above the summary, one a strategy: what is not ticked is hidden in tables, charts and lists alike. */
export const toggleScript = String.raw`
(() => {
  const table = document.querySelector("table.summary");
  if (!table) return;
  const heads = [...table.querySelectorAll("th[data-strategy], tr[data-strategy] > th")];
  const names = heads.map((head) => head.textContent);
  if (names.length < 2) return;
  const bar = document.createElement("fieldset");
  bar.className = "toggles";
  const legend = document.createElement("legend");
  legend.textContent = "Show";
  bar.append(legend);
  const set = (place, isShown) => {
    for (const each of document.querySelectorAll('[data-strategy="' + place + '"]')) {
      each.classList.toggle("off", !isShown);
    }
  };
  names.forEach((name, place) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => set(place, box.checked));
    label.append(box, " " + name);
    bar.append(label);
  });
  const scroll = table.closest(".scroll");
  scroll.before(bar);
})();
`;
