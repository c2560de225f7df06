/** Samples of a Prometheus text by name and labels as written, and types by name. */
export interface MetricsText {
  readonly samples: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, string>;
}

/** Reads what Prometheus would read; throws where it could not. */
export function readMetrics(text: string): MetricsText {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# HELP ")) continue;
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (type !== null) types.set(type[1] ?? "", type[2] ?? "");
    else if (sample !== null) samples.set(sample[1] ?? "", Number(sample[2]));
    else throw new Error(`Cannot read the line '${line}'`);
  }
  return { samples, types };
}
