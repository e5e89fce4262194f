/**
 * Foreign text as XML 1.0 text or attribute value. Characters that XML cannot hold at all, not even escaped (section
 * 2.2: control characters, lone surrogates, U+FFFE), become `�`; a line break in an attribute would be read as a space.
 */
export function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "�")
    .replace(/[&<>"'\n\r\t]/g, (character) => entities[character] ?? "");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};
