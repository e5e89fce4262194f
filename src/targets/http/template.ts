/** What a request may be filled in with. */
export type TemplateValues = Readonly<Record<string, string | number | null | readonly string[]>>;

const placeholder = /\{(\w+)\}/g;

/** The path of a request: values are escaped, so that an id with a slash stays one part of it. */
export function filledPath(template: string, values: TemplateValues): string {
  return template.replace(placeholder, (_all, name: string) =>
    encodeURIComponent(String(valueOf(values, name))),
  );
}

/** The body: a text that is one placeholder alone becomes its value, with its type; others hold it as text. */
export function filledBody(template: unknown, values: TemplateValues): unknown {
  if (typeof template === "string") return filledText(template, values);
  if (Array.isArray(template)) return template.map((each) => filledBody(each, values));
  if (typeof template !== "object" || template === null) return template;
  const entries = Object.entries(template).map(([key, value]) => [key, filledBody(value, values)]);
  return Object.fromEntries(entries);
}

function filledText(template: string, values: TemplateValues): unknown {
  const alone = /^\{(\w+)\}$/.exec(template)?.[1];
  if (alone !== undefined) return valueOf(values, alone);
  return template.replace(placeholder, (_all, name: string) => String(valueOf(values, name)));
}

function valueOf(values: TemplateValues, name: string): TemplateValues[string] {
  return values[name] ?? null;
}
