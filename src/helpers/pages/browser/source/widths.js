/** What charts need in breadth: limits in pixels, and the width of a text. */

export const NARROW = 600; // below it, labels are above their rows
export const LABELS = 240; // of labels at the left
export const [WIDE, COLUMN] = [800, 140]; // of a chart with columns of words, and of one such column
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const pen = document.createElement("canvas").getContext("2d");

/** Width of a text in pixels, in the font of the reader's system. */
export function measured(text, size, weight = 400) {
  pen.font = `${weight} ${size}px ${FONT}`;
  return pen.measureText(text).width;
}
