// Makes the run in reports/example again, and from its report the pictures of the docs: `npm run example`.
// Needs a Chromium; CHROMIUM may name one.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = join(root, "reports/example");
const pictures = join(root, "docs/pictures");
const mostRunBytes = 380_000;
const mostPictureBytes = 200_000;

const out = mkdtempSync(join(tmpdir(), "doubletake-example-"));
try {
  keepExample(run("reports/example/example.yaml", "--seed", "7"));
  // The example is too small to show how time passes in a load.
  await takePictures(example, run("scenarios/chaos-monkey.yaml", "--seed", "7", "--rounds", "1"));
} finally {
  rmSync(out, { recursive: true, force: true });
}

/** Runs a scenario and returns its folder; throws where it does not pass. */
function run(...args) {
  const command = ["dist/main.js", "run", ...args, "--out", out];
  execFileSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  return realpathSync(join(out, "latest"));
}

function keepExample(folder) {
  for (const file of readdirSync(folder)) copyFileSync(join(folder, file), join(example, file));
  const bytes = readdirSync(example).reduce((sum, file) => sum + statSync(join(example, file)).size, 0);
  if (bytes > mostRunBytes) throw new Error(`the example run has ${bytes} bytes, too many to commit`);
}

async function takePictures(small, large) {
  const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];
  const executablePath = known.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error("there is no Chromium; CHROMIUM may name one");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await open(browser, small, { width: 960, height: 900 });
    const top = { x: 0, y: 0, width: 960, height: 900 };
    await save("summary", (path) => page.screenshot({ path, clip: top }));
    await page.locator("details.sql:visible").first().evaluate((details) => (details.open = true));
    await save("evidence", (path) => page.locator(".case:visible").first().screenshot({ path }));
    await save("sql", (path) => page.locator("details.sql[open]").last().screenshot({ path }));
    await page.getByRole("searchbox").fill("3");
    await save("job", (path) => page.locator(".lookup").screenshot({ path }));
    const load = await open(browser, large, { width: 960, height: 900 });
    await save("over-time", (path) =>
      load.locator("#over-time ~ div figure").first().screenshot({ path }),
    );
    await save("latency", (path) => load.locator("#latency ~ figure").first().screenshot({ path }));
    await save("percentiles", (path) => load.locator("#latency ~ figure").nth(1).screenshot({ path }));
    await save("rounds", (path) => load.locator("#rounds ~ figure").first().screenshot({ path }));
    const phone = await open(browser, small, { width: 390, height: 700 });
    await save("phone", (path) => phone.screenshot({ path }));
  } finally {
    await browser.close();
  }
}

async function open(browser, folder, viewport) {
  const page = await browser.newPage({ viewport, colorScheme: "light" });
  await page.goto(pathToFileURL(join(folder, "report.html")).href);
  return page;
}

async function save(name, take) {
  const path = join(pictures, `${name}.png`);
  await take(path);
  const { size } = statSync(path);
  if (size > mostPictureBytes) throw new Error(`${path} has ${size} bytes, too many to commit`);
}
