/**
 * The style sheet. Colours are variables, set once for light and once for dark; those of the series keep a contrast of
 * at least 3:1 against both backgrounds, those of text at least 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f7f9; --text: #1b1f24; --faint: #57606a; --rule: #d5dae1; --link: #0b5cad;
  --good: #116329; --good-back: #dcf5e3; --bad: #a40e26; --bad-back: #ffe2e0; --unsure: #7a4d00; --unsure-back: #fff1cc;
  --fault: #b3541e; --shade: rgb(179 84 30 / 0.13);
  --series-0: #0969da; --series-1: #b3541e; --series-2: #1a7f37; --series-3: #8250df; --series-4: #a2185b; --series-5: #57606a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --panel: #181e26; --text: #e6e9ee; --faint: #9aa5b1; --rule: #333c48; --link: #79b8ff;
    --good: #6fdd8b; --good-back: #12321d; --bad: #ff9a90; --bad-back: #46191a; --unsure: #f0c250; --unsure-back: #3c2f0d;
    --fault: #f0915c; --shade: rgb(240 145 92 / 0.17);
    --series-0: #6cb6ff; --series-1: #f69d50; --series-2: #57cc6f; --series-3: #c297ff; --series-4: #ff80b5; --series-5: #adbac7;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
h1 { font-size: 1.45rem; line-height: 1.3; margin: 0.75rem 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.75rem 0 0.5rem; overflow-wrap: anywhere; }
h4 { font-size: 0.95rem; margin: 1.25rem 0 0.25rem; overflow-wrap: anywhere; }
p { margin: 0.5rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: 0.5rem 0; padding: 0.6rem 0.8rem; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
nav { margin: 1rem 0 0; font-size: 0.9rem; }
nav a { margin-right: 1rem; white-space: nowrap; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.faint { color: var(--faint); }
.facts { color: var(--faint); font-size: 0.9rem; }
.standing { display: inline-block; padding: 0.05em 0.55em; border-radius: 1em; font-weight: 600; white-space: nowrap; border: 1px solid currentcolor; }
.standing.good { color: var(--good); background: var(--good-back); }
.standing.bad { color: var(--bad); background: var(--bad-back); }
.standing.unsure { color: var(--unsure); background: var(--unsure-back); }
.standing.expected { color: var(--faint); background: none; }
.run-standing { font-size: 1.05rem; }
.warnings { margin: 1rem 0; padding: 0.5rem 1rem; background: var(--unsure-back); border-left: 4px solid var(--unsure); }
.warnings ul { margin: 0.25rem 0; padding-left: 1.2rem; }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.25rem; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { white-space: nowrap; color: var(--faint); font-weight: 600; }
tbody th { font-weight: 400; color: var(--faint); }
table.summary thead th { color: var(--text); font-size: 1rem; }
td.important { color: var(--bad); font-weight: 600; }
td.name { font-weight: 600; white-space: nowrap; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: var(--link); font-size: 0.9rem; }
figure { margin: 0.75rem 0 1.25rem; }
figcaption { color: var(--faint); font-size: 0.875rem; margin-top: 0.25rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.5rem 0; padding: 0; list-style: none; font-size: 0.9rem; }
.legend svg { vertical-align: -1px; margin-right: 0.35rem; }
.checks { list-style: none; margin: 0.5rem 0; padding: 0; font-size: 0.9rem; border-top: 1px solid var(--rule); }
.checks li { display: grid; grid-template-columns: 12rem 11rem 1fr; gap: 0 0.75rem; align-items: baseline; padding: 0.4rem 0; border-bottom: 1px solid var(--rule); }
.case { margin: 0.75rem 0 1.25rem; padding: 0.5rem 0.9rem 0.75rem; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; }
.case > p:first-child { font-weight: 600; }
.case figure { margin: 0.25rem 0; }
.absent { color: var(--faint); font-size: 0.9rem; }
.sql ol { margin: 0.25rem 0; padding-left: 1.4rem; font-size: 0.9rem; }
.sql pre { margin: 0.2rem 0 0.5rem; }
.off { display: none !important; }
.toggles { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 1rem 0 0; padding: 0.3rem 0.8rem 0.5rem; border: 1px solid var(--rule); border-radius: 6px; font-size: 0.9rem; max-height: 9rem; overflow-y: auto; }
.toggles legend { color: var(--faint); padding: 0 0.3rem; }
.readout { display: block; min-height: 1.4em; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
button.reset, .lookup input { font: inherit; font-size: 0.85rem; color: var(--text); background: var(--panel); border: 1px solid var(--faint); border-radius: 6px; padding: 0.15rem 0.6rem; }
.lookup input { width: min(20rem, 100%); }
.found { padding-left: 1.1rem; font-size: 0.9rem; max-height: 26rem; overflow-y: auto; }
.found ol { margin: 0.1rem 0 0.5rem; padding-left: 1.2rem; color: var(--faint); }
table.summary tbody th, table.matrix tbody th { position: sticky; left: 0; background: var(--page); }
table.lines th, table.lines td { white-space: nowrap; }
table.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: 0.3rem 0.2rem; vertical-align: bottom; }
table.matrix thead th:first-child { writing-mode: horizontal-tb; transform: none; }
table.matrix td { padding: 0.2rem 0.5rem 0.2rem 0.2rem; white-space: nowrap; }
.cell.good { color: var(--good); } .cell.bad { color: var(--bad); font-weight: 700; } .cell.unsure { color: var(--unsure); font-weight: 700; }
table.steps td, table.stories td { min-width: 5rem; }
.case tbody th, table.stories tbody th { white-space: nowrap; }
table.stories td:last-child { min-width: 18rem; }
details > summary .standing { font-size: 0.8rem; }
${chartStyle()}
@media (max-width: 47rem) {
  .for-page { display: none; }
  th, td { padding-right: 0.6rem; }
  table.lines tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 7rem; max-width: 9rem; }
  .checks li { grid-template-columns: 1fr auto; }
  .checks li > :last-child { grid-column: 1 / -1; }
  .case { padding: 0.25rem 0.5rem 0.5rem; margin-left: -0.5rem; margin-right: -0.5rem; }
}
@media (min-width: 47.01rem) { .for-phone { display: none; } }
@media print {
  :root { color-scheme: light; --page: #fff; --panel: #fff; --text: #000; --faint: #333; --rule: #999; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  nav, details:not([open]), .toggles, .lookup, .readout, button.reset { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  .for-page { display: block; }
  .for-phone { display: none; }
  h2, h3, h4 { break-after: avoid; }
  figure, .case, tr { break-inside: avoid; }
  * { print-color-adjust: exact; }
}
`;

function chartStyle(): string {
  const series = Array.from(
    { length: 6 },
    (_, place) => `.series-${place} { --series: var(--series-${place}); }`,
  );
  return `
figure > svg { max-width: 100%; height: auto; }
figure svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--text); }
svg .tick, svg .frame-title { fill: var(--faint); }
svg .frame-title, svg .end-label { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
figure svg .row-name { font-weight: 600; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .axis { stroke: var(--faint); stroke-width: 1; }
${series.join("\n")}
svg .line { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; }
svg .line.p99 { stroke-width: 1.5; stroke-dasharray: 6 3; }
svg .line.max { stroke-width: 1; stroke-dasharray: 1.5 2.5; }
svg .line.unsupported { stroke-width: 1.5; stroke-dasharray: 1.5 3; }
svg .area { fill: var(--series); opacity: 0.16; }
svg .marker { fill: var(--series); stroke: var(--page); stroke-width: 1; }
svg .zoom path, svg .zoom line, svg .zoom rect { vector-effect: non-scaling-stroke; }
svg .dot { fill: var(--series); opacity: 0.55; }
svg .asked { stroke: var(--text); stroke-width: 2; opacity: 1; }
svg .cursor { stroke: var(--text); stroke-width: 1; pointer-events: none; }
svg .choice { fill: var(--link); opacity: 0.18; pointer-events: none; }
svg[data-time] { touch-action: pan-y; user-select: none; }
svg .commit { stroke: var(--text); stroke-width: 2.5; }
svg .wait { stroke: var(--page); stroke-width: 1; }
${Array.from({ length: 6 }, (_, place) => `svg .wait-${place} { fill: var(--series-${place}); }`).join("\n")}
figure svg .wait-label { fill: var(--page); font-weight: 600; }
svg .failure { stroke: var(--bad); stroke-width: 1.5; fill: none; }
${faultStyle()}
svg .range { stroke: var(--faint); stroke-width: 2; }
svg .median { stroke: var(--text); stroke-width: 2.5; }
svg .lane { stroke: var(--rule); }
svg .operation { stroke-width: 1.5; fill: var(--rule); stroke: var(--faint); }
svg .operation.ok { fill: var(--good-back); stroke: var(--good); }
svg .operation.failed { fill: var(--bad-back); stroke: var(--bad); }
svg .operation.unknown { fill: var(--unsure-back); stroke: var(--unsure); stroke-dasharray: 4 2; }
svg .operation.open { fill: none; stroke-dasharray: 2 2; }
svg .grant { fill: var(--good); stroke: var(--panel); stroke-width: 1; }
svg .grant.again { fill: var(--bad); }
svg .second-grant { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 3; }
figure svg .operation-label { paint-order: stroke; stroke: var(--panel); stroke-width: 3px; stroke-linejoin: round; }
figure svg .operation-label.again { fill: var(--bad); font-weight: 600; }
`;
}

function faultStyle(): string {
  return `svg .fault-mark { fill: var(--fault); }
svg .fault-recovery { stroke: var(--fault); stroke-width: 2; stroke-dasharray: 2 2; fill: none; vector-effect: non-scaling-stroke; }
svg .fault-band { fill: var(--shade); }
svg .fault-moment { fill: var(--fault); opacity: 0.3; }
svg .fault-name { fill: var(--faint); }`;
}
