/**
 * Writes CSV: https://www.rfc-editor.org/rfc/rfc4180. A cell that a spreadsheet would run as a
 * formula gets an apostrophe in front: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvOf(rows: string[][]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

// Includes full-width signs, which some spreadsheets accept too.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cell(text: string): string {
  const escaped = FORMULA.test(text) ? `'${text}` : text;
  return /["',;\r\n\t]/.test(escaped) ? `"${escaped.replaceAll('"', '""')}"` : escaped;
}
