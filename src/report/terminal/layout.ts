import type { Paint, Style } from "./paint.ts";

/** A cell is laid out by its text and coloured afterwards: escape sequences have no width. */
export interface Cell {
  readonly text: string;
  readonly style?: Style | undefined;
}

const gap = "  ";

/** Rows in columns as wide as their widest cell; the last one is not padded. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = column === row.length - 1 ? 0 : (widths[column] ?? 0) - width(cell.text);
        return styled(cell, paint) + " ".repeat(padding);
      })
      .join(gap)
      .trimEnd(),
  );
}

/** How wide the table would be. */
export function tableWidth(rows: readonly (readonly Cell[])[]): number {
  const widths = columnWidths(rows);
  return widths.reduce((sum, each) => sum + each, 0) + gap.length * Math.max(0, widths.length - 1);
}

/** Lines of at most `columns` characters, broken between words: the first one indented, the later ones hanging. */
export function wrap(
  text: string,
  { columns, indent = 0, hanging = indent }: { columns: number; indent?: number; hanging?: number },
): string[] {
  const lines: string[] = [];
  let line = "";
  const margin = (): string => " ".repeat(lines.length === 0 ? indent : hanging);
  for (const word of text.split(" ")) {
    if (line !== "" && width(margin() + line) + 1 + width(word) > columns) {
      lines.push(margin() + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, margin() + line];
}

/** In characters; every symbol the report uses is one column wide. */
export function width(text: string): number {
  return Array.from(text).length;
}

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => width(row[column]?.text ?? ""))),
  );
}

function styled(cell: Cell, paint: Paint): string {
  return cell.style === undefined ? cell.text : paint(cell.style, cell.text);
}
