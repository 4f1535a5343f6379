// Labels as lines of "name: value" in a field of text.
export function labelsOfLines(text: string): Record<string, string> | undefined {
  const labels: [string, string][] = [];
  for (const line of linesOf(text)) {
    const colon = line.search(/[:=]/);
    const name = colon < 0 ? line : line.slice(0, colon).trim();
    labels.push([name, colon < 0 ? "" : line.slice(colon + 1).trim()]);
  }
  return labels.length > 0 ? Object.fromEntries(labels) : undefined;
}

export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

export function labelText(labels: Record<string, string> | undefined): string {
  return Object.entries(labels ?? {}).map(([name, value]) => `${name}:${value}`).join(", ");
}
