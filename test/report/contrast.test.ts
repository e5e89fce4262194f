import { describe, expect, test } from "vitest";

import { style } from "../../src/report/html/style.ts";

type Colours = Readonly<Record<string, string>>;

const [light = {}, darkChanges = {}] = [...style.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, body = ""]): Colours =>
    Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, n, c]) => [n, c])),
);
const schemes = { light, dark: { ...light, ...darkChanges } };

/** Text at least 4.5:1, parts of a drawing at least 3:1. */
const texts: readonly (readonly [front: string, back: string])[] = [
  ["text", "page"],
  ["text", "panel"],
  ["text", "unsure-back"],
  ["faint", "page"],
  ["faint", "panel"],
  ["link", "page"],
  ["link", "panel"],
  ["good", "good-back"],
  ["bad", "bad-back"],
  ["unsure", "unsure-back"],
  ["bad", "panel"],
  // The cells of the matrix, and the names inside the bars of waiting, which are written in the page's colour.
  ["good", "page"],
  ["bad", "page"],
  ["unsure", "page"],
  ...[0, 1, 2, 3, 4, 5].map((place) => ["page", `series-${place}`] as const),
];
const drawn = [0, 1, 2, 3, 4, 5]
  .map((place) => `series-${place}`)
  .concat("fault", "good", "bad", "unsure");

describe.each(Object.entries(schemes))("in %s colours", (_scheme, colours: Colours) => {
  test.each(texts)("%s can be read on %s", (front, back) => {
    expect(contrast(colours[front], colours[back])).toBeGreaterThanOrEqual(4.5);
  });

  test.each(drawn)("%s can be told from the page", (name) => {
    expect(contrast(colours[name], colours["page"])).toBeGreaterThanOrEqual(3);
  });
});

/** WCAG 2.2, "contrast ratio". */
function contrast(one = "", other = ""): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance", of `#rrggbb`. */
function luminance(colour: string): number {
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
