/** One sample line of an exposition. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly samples: readonly ParsedSample[];
}

/** The suffixes that OpenMetrics 1.0 allows each type. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  counter: ["_total", "_created"],
  summary: ["", "_count", "_sum", "_created"],
  info: ["_info"],
  stateset: [""],
};

/**
 * Parses OpenMetrics 1.0 text and throws at whatever breaks it: a name or a label that is not one, metadata after
 * samples, families that are interleaved or said twice, a series said twice, a suffix that the type does not have, an
 * escape that does not exist, anything after `# EOF` or none of it.
 */
export function parseOpenMetrics(text: string): readonly ParsedFamily[] {
  if (!text.endsWith("# EOF\n")) throw new Error("it does not end with # EOF");
  const families: { name: string; type: string; unit?: string; samples: ParsedSample[] }[] = [];
  const series = new Set<string>();
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const family = families.at(-1);
    const [, keyword, name, rest] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "TYPE") {
      if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name ?? "")) throw new Error(`bad name: ${line}`);
      if (suffixes[rest ?? ""] === undefined) throw new Error(`bad type: ${line}`);
      if (families.some((each) => each.name === name)) throw new Error(`said twice: ${line}`);
      families.push({ name: name ?? "", type: rest ?? "", samples: [] });
    } else if (keyword !== undefined) {
      if (family?.name !== name || family?.samples.length !== 0) throw new Error(`late: ${line}`);
      if (keyword === "HELP") unescaped(rest ?? "", line);
      else if (!family?.name.endsWith(`_${rest}`)) throw new Error(`unit is no suffix: ${line}`);
      else family.unit = rest ?? "";
    } else if (line.startsWith("#") || line === "" || family === undefined) {
      throw new Error(`no such line: ${line}`);
    } else {
      const sample = parseSample(line);
      const suffix = sample.name.slice(family.name.length);
      const isOurs = sample.name.startsWith(family.name);
      if (!isOurs || !suffixes[family.type]?.includes(suffix)) {
        throw new Error(`not of ${family.type} ${family.name}: ${line}`);
      }
      if (family.type === "stateset" && !sample.labels.has(family.name)) {
        throw new Error(`a state without its name: ${line}`);
      }
      if (["counter", "info"].includes(family.type) && sample.value < 0) throw new Error(line);
      const key = JSON.stringify([sample.name, [...sample.labels].map(String).toSorted()]);
      if (series.has(key)) throw new Error(`series said twice: ${line}`);
      series.add(key);
      family.samples.push(sample);
    }
  }
  return families.map((each) => ({ ...each, unit: each.unit }));
}

function parseSample(line: string): ParsedSample {
  const [, name = "", braces, number = ""] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/.exec(line) ?? [];
  if (name === "") throw new Error(`no sample: ${line}`);
  const value = Number(number);
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(number)) throw new Error(`no number: ${line}`);
  return { name, value, labels: parseLabels(braces?.slice(1, -1) ?? "", line) };
}

function parseLabels(text: string, line: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,|$)/.exec(rest);
    if (found === null) throw new Error(`bad labels: ${line}`);
    const [whole, name = "", value = ""] = found;
    if (labels.has(name)) throw new Error(`label said twice: ${line}`);
    labels.set(name, unescaped(value, line));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescaped(text: string, line: string): string {
  return text.replaceAll(/\\(.?)/g, (_, character: string) => {
    const meant: Readonly<Record<string, string>> = { "\\": "\\", n: "\n", '"': '"' };
    if (meant[character] === undefined) throw new Error(`no such escape: ${line}`);
    return meant[character];
  });
}
