import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { html } from "../../src/report/html.ts";
import { sampleResult, samples } from "./golden.ts";
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
      expect(await opened.page.locator("script, img, style ~ style").count()).toBe(0);
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
