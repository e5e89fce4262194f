/**
 * Text from a scenario, a strategy or a database on one line of plain characters: line breaks become spaces, and
 * control and bidirectional characters, with which a terminal or a page could be made to lie, become `�`.
 */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, "�");
}
