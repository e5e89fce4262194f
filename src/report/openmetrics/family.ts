/** A metric family: samples of one name stand together, below what is said of them. */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "summary" | "info" | "stateset";
  /** Where given, the name ends with it. */
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** `_total`, `_info`, `_count`, `_sum`; empty for a gauge and for a quantile. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The lines of a family, as the text format of OpenMetrics 1.0 has them. */
export function familyText({ name, type, unit, help, samples }: Family): string {
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map((sample) => sampleText(name, sample)),
  ];
  return `${lines.join("\n")}\n`;
}

/** One state of several, as a stateset has it: 1 for the state that is, 0 for the others. */
export function states(
  name: string,
  labels: Readonly<Record<string, string>>,
  { all, current }: { readonly all: readonly string[]; readonly current: string },
): readonly Sample[] {
  return all.map((state) => ({
    labels: { ...labels, [name]: state },
    value: state === current ? 1 : 0,
  }));
}

function sampleText(name: string, { suffix = "", labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const braces = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${suffix}${braces} ${value}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll('"', String.raw`\"`)
    .replace(/[\p{Cc}\p{Cs}]/gu, "�");
}
