/**
 * Lines of https://www.rfc-editor.org/rfc/rfc4180. A cell that a spreadsheet would take for a formula gets an apostrophe in
 * front: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvOf(rows: string[][]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

// With the full-width signs, which spreadsheets in some languages take for the plain ones.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /["',;\r\n\t]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
