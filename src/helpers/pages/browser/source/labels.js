/** Numbers beside the bars of a chart that nobody can point at: on paper and in pictures. */

export const SIZE = 11;
const LETTER = 0.6; // of the size, more than letters have on average

/** A chart whose bars with ranges have their number and range beside them; any other stays as it is. */
export function labelled({ data, layout }) {
  const bars = data.filter(({ type }) => type === "bar");
  const plain = (bar) => bar.orientation === "h" && bar.error_x && bar.customdata && bar.y.every((row) => typeof row === "string");
  if (bars.length === 0 || layout.barmode !== "group" || !bars.every(plain)) return { data, layout };
  const rows = layout.yaxis.categoryarray ?? [...new Set(bars.flatMap(({ y }) => y))];
  const filled = 1 - (layout.bargap ?? 0.2);
  const beside = bars.flatMap((bar, lane) =>
    bar.x.flatMap((value, i) => (value === null ? [] : {
      text: String(bar.customdata[i]).split("<br>")[0],
      x: value + (bar.error_x.array[i] ?? 0),
      y: rows.indexOf(bar.y[i]) + filled * ((lane + 0.5) / bars.length - 0.5),
      xanchor: "left",
      yanchor: "middle",
      xshift: 3,
      showarrow: false,
      font: { size: SIZE, color: layout.font.color },
    })),
  );
  const longest = Math.max(...beside.map(({ text }) => text.length), 0);
  return {
    data: data.map((trace) => (bars.includes(trace) ? { ...trace, text: [] } : trace)),
    layout: {
      ...layout,
      margin: { ...layout.margin, r: Math.ceil(longest * SIZE * LETTER) + 8 },
      annotations: [...(layout.annotations ?? []), ...beside],
    },
  };
}
