import { oneLine } from "../plain-text.ts";

/**
 * Foreign text inside a line or a table cell of GitHub Markdown: no markup, no HTML, no new line, no cell border. A
 * comment after `@` keeps a name in a strategy from notifying a person.
 */
export function escaped(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]|~#]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/@(?=\w)/g, "@<!-- -->");
}

/** Foreign text as a code span; the fence is longer than any run of backticks within (CommonMark 6.1). */
export function code(text: string): string {
  const line = oneLine(text).replaceAll("|", String.raw`\|`);
  const fence = longestFence(line, 1);
  return line.includes("`") ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Foreign text as a block of code. */
export function codeBlock(text: string, language = ""): string {
  const fence = longestFence(text, 3);
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestFence(text: string, atLeast: number): string {
  const runs = text.match(/`+/g) ?? [];
  return "`".repeat(Math.max(atLeast, ...runs.map((run) => run.length + 1)));
}
