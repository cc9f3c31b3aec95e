/** Tables and bars in plain ASCII, for a terminal and a README alike. */

/**
 * The first column is aligned to the left, the others to the right.
 *
 * @param rows of texts, all of one length; undefined draws a line
 */
export function textTable(rows: readonly (readonly string[] | undefined)[]): string {
  const cells = rows.filter((row) => row !== undefined)
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row === undefined
        ? widths.map((width) => '-'.repeat(width)).join('  ')
        : row
            .map((cell, column) =>
              column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
            )
            .join('  ')
            .trimEnd(),
    )
    .join('\n')
}

/** One bar for each value, the longest `width` characters long. */
export function textBars(
  values: readonly { readonly label: string; readonly value: number; readonly text: string }[],
  width = 50,
): string {
  const most = Math.max(...values.map(({ value }) => value), Number.MIN_VALUE)
  const labels = Math.max(...values.map(({ label }) => label.length))
  return values
    .map(
      ({ label, value, text }) => `${label.padEnd(labels)}  ${'#'.repeat(Math.ceil((width * value) / most))} ${text}`,
    )
    .join('\n')
}
