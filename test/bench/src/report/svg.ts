// Owns what all charts share: the document, its colours by day and by night, and how positions and words are written.

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 14px }
  .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .ours { fill: #0969da } .other { fill: #8c959f }
  .line { fill: none; stroke-width: 1.5 }
  .first { stroke: #0969da } .second { stroke: #bf8700 } .third { stroke: #1a7f37 } .fourth { stroke: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #8d96a0 } .grid { stroke: #30363d }
    .ours { fill: #4493f8 } .other { fill: #6e7681 }
    .first { stroke: #4493f8 } .second { stroke: #d29922 } .third { stroke: #3fb950 } .fourth { stroke: #6e7681 }
  }`;

export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

export function svg({ title, width, height, body }: Drawing): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
${body}
</svg>
`;
}

export function at(position: number): string {
  return position.toFixed(1);
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
