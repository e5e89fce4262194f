import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { html } from "../../src/report/html.ts";
import type { RunResult } from "../../src/report/result.ts";
import { sampleResult, samples } from "./golden.ts";
import { matrix } from "./matrix.ts";
import { poisoned } from "./poisoned.ts";

const candidates = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) {
  console.warn("report.html in Chromium: skipped, no Chromium found; CHROMIUM may name one");
}

const views: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
  "without scripts": { javaScriptEnabled: false, viewport: { width: 1100, height: 900 } },
};

describe.skipIf(executablePath === undefined)("report.html in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-report-"));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
    });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  describe.each(samples)("of the sample %s", (sample) => {
    const url = pathToFileURL(join(folder, `${sample}.html`)).href;
    beforeAll(() => {
      const text = html.render(sampleResult(sample))["report.html"] ?? "";
      writeFileSync(join(folder, `${sample}.html`), text);
    });

    test.each(Object.keys(views))("%s: no complaint, no request, nothing cut off", async (view) => {
      await using opened = await open(browser, url, views[view] as BrowserContextOptions);
      const { page, complaints, requests } = opened;
      expect(complaints).toEqual([]);
      expect(requests).toEqual([url]);
      await expectVisible(page.locator("h1"));
      await expectVisible(page.locator("figure svg:visible").first());
      const widest = await page.locator("main").evaluate((main) => main.scrollWidth);
      const { width } = page.viewportSize() ?? { width: 0 };
      expect(widest).toBeLessThanOrEqual(width);
    });

    test("full of attacks: no script runs, no element of theirs is made", async () => {
      const file = join(folder, `${sample}-poisoned.html`);
      writeFileSync(file, html.render(poisoned(sampleResult(sample)))["report.html"] ?? "");
      await using opened = await open(browser, pathToFileURL(file).href, {});
      const dialogs: string[] = [];
      opened.page.on("dialog", (dialog) => dialogs.push(dialog.message()));
      await opened.page.reload();
      expect(dialogs).toEqual([]);
      expect(opened.complaints).toEqual([]);
      expect(await opened.page.locator("img, style ~ style").count()).toBe(0);
      const scripts = await opened.page.locator("script").evaluateAll((all) => all.length);
      const data = await opened.page.locator("script#job-stories").count();
      expect(scripts).toBe(1 + data);
    });
  });

  describe("with scripts", () => {
    const written = (name: string, result: RunResult): string => {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, html.render(result)["report.html"] ?? "");
      return pathToFileURL(file).href;
    };
    const wide: BrowserContextOptions = { viewport: { width: 1100, height: 900 } };

    test("hides a strategy everywhere, and shows it again", async () => {
      await using opened = await open(browser, written("toggle", sampleResult("passed")), wide);
      const { page, complaints } = opened;
      const box = page.getByRole("checkbox", { name: "naive" });
      const column = page.locator("table.summary th", { hasText: "naive" });
      const line = page.locator("#latency ~ figure svg.for-page g[data-strategy='1']").first();
      expect(await column.isVisible()).toBe(true);
      await box.uncheck();
      expect(await column.isVisible()).toBe(false);
      expect(await line.isVisible()).toBe(false);
      await box.check();
      expect(await column.isVisible()).toBe(true);
      expect(complaints).toEqual([]);
    });

    test("reads values under the pointer and by the keyboard, and zooms into time", async () => {
      await using opened = await open(browser, written("zoom", sampleResult("passed")), wide);
      const { page, complaints } = opened;
      const figure = page.locator("#over-time ~ div figure").first();
      const chart = figure.locator("svg.for-page[data-time]");
      await chart.scrollIntoViewIfNeeded();
      const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      const at = (part: number) => ({ x: box.x + box.width * part, y: box.y + box.height / 2 });
      await page.mouse.move(at(0.3).x, at(0.3).y);
      const readout = figure.locator("output");
      expect(await readout.textContent()).toMatch(/^from .* s · claims \d+ · claims\/s/);
      const whole = await chart.locator("svg.zoom").first().getAttribute("viewBox");
      await page.mouse.down();
      await page.mouse.move(at(0.6).x, at(0.6).y, { steps: 4 });
      await page.mouse.up();
      const zoomed = await chart.locator("svg.zoom").first().getAttribute("viewBox");
      expect(Number(zoomed?.split(" ")[2])).toBeLessThan(Number(whole?.split(" ")[2]) / 2);
      await figure.getByRole("button", { name: "Show everything" }).click();
      expect(await chart.locator("svg.zoom").first().getAttribute("viewBox")).toBe(whole);
      await chart.focus();
      await page.keyboard.press("ArrowRight");
      expect(await readout.textContent()).toMatch(/^from /);
      await page.keyboard.press("+");
      expect(await chart.getAttribute("data-zoomed")).toBe("true");
      await page.keyboard.press("Escape");
      expect(await chart.getAttribute("data-zoomed")).toBe("false");
      expect(complaints).toEqual([]);
    });

    test("reads the marks of the other charts", async () => {
      await using opened = await open(browser, written("marks", sampleResult("passed")), wide);
      const figure = opened.page.locator("#latency ~ figure").first();
      await figure.locator("svg.for-page .marker").first().hover();
      expect(await figure.locator("output").textContent()).toMatch(/% of claims within/);
      await figure.locator("svg.for-page").focus();
      await opened.page.keyboard.press("ArrowRight");
      expect(await figure.locator("output").textContent()).toMatch(/% of claims within/);
    });

    test("looks a job up, also in a page full of attacks", async () => {
      await using opened = await open(browser, written("jobs", sampleResult("violated")), wide);
      const box = opened.page.getByRole("searchbox");
      await box.fill("3");
      expect(await opened.page.locator(".found > li").first().textContent()).toMatch(/^job 3 of/);
      await box.fill("99999");
      expect(await opened.page.locator(".lookup [role=status]").textContent()).toMatch(
        /No such job/,
      );
      const url = written("jobs-poisoned", poisoned(sampleResult("violated")));
      await using hostile = await open(browser, url, wide);
      await hostile.page.getByRole("searchbox").fill("script");
      expect(await hostile.page.locator(".found > li").count()).toBeGreaterThan(0);
      expect(await hostile.page.locator(".found script, .found img").count()).toBe(0);
      expect(hostile.complaints).toEqual([]);
    });

    test("of thirty strategies is no wider than its window, and is printed whole", async () => {
      await using opened = await open(browser, written("matrix", matrix(30)), wide);
      const { page, complaints } = opened;
      expect(await page.locator("main").evaluate((main) => main.scrollWidth)).toBeLessThan(1101);
      await page.emulateMedia({ media: "print" });
      await expectVisible(page.locator("figure svg.for-page").first());
      expect(await page.locator("nav").isVisible()).toBe(false);
      expect(await page.locator(".toggles").isVisible()).toBe(false);
      expect(complaints).toEqual([]);
    });
  });
});

async function open(browser: Browser, url: string, options: BrowserContextOptions) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
}

async function expectVisible(locator: { isVisible(): Promise<boolean> }): Promise<void> {
  expect(await locator.isVisible()).toBe(true);
}
